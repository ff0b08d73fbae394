import { z } from 'zod';
import { SimError } from '../errors.js';
import { type FilledThing, OverrideSettingsSchema } from './override-settings.js';

const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;

/** The parameter that AWS fills in itself. */
const CERTIFICATE_ID = 'AWS::IoT::Certificate::Id';

type Expression =
  | string
  | { Ref: string }
  | { 'Fn::Join': [string, Expression[]] }
  | { 'Fn::Sub': string | [string, Record<string, Expression>] };

const ExpressionSchema: z.ZodType<Expression> = z.lazy(() =>
  z.union([
    z.string(),
    z.strictObject({ Ref: z.string() }),
    z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(ExpressionSchema)]) }),
    z.strictObject({
      'Fn::Sub': z.union([z.string(), z.tuple([z.string(), z.record(z.string(), ExpressionSchema)])]),
    }),
  ]),
);

const ResourceSchema = z.discriminatedUnion('Type', [
  z.strictObject({
    Type: z.literal('AWS::IoT::Thing'),
    Properties: z.strictObject({
      ThingName: ExpressionSchema,
      AttributePayload: z.record(z.string(), ExpressionSchema).optional(),
      ThingTypeName: ExpressionSchema.optional(),
      ThingGroups: z.array(ExpressionSchema).optional(),
      BillingGroup: ExpressionSchema.optional(),
    }),
    OverrideSettings: OverrideSettingsSchema.prefault({}),
  }),
  z.strictObject({
    Type: z.literal('AWS::IoT::Certificate'),
    Properties: z.strictObject({ CertificateId: ExpressionSchema, Status: z.string().optional() }),
  }),
  z.strictObject({
    Type: z.literal('AWS::IoT::Policy'),
    Properties: z.strictObject({ PolicyName: ExpressionSchema }),
  }),
]);

/**
 * The part of the AWS fleet provisioning template language that the stand-in knows; anything else is refused.
 * Source: AWS IoT developer guide, "Provisioning templates".
 */
export const TemplateSchema = z.strictObject({
  Parameters: z.record(z.string(), z.strictObject({ Type: z.literal('String'), Default: z.string().optional() })),
  Resources: z.record(z.string(), ResourceSchema),
  DeviceConfiguration: z.record(z.string(), ExpressionSchema).optional(),
});

/** As it is read. */
export type Template = z.output<typeof TemplateSchema>;
/** As it is written. */
export type TemplateInput = z.input<typeof TemplateSchema>;

/** What a template comes to for one device. */
export interface Provisioned {
  readonly thing: FilledThing;
  readonly overrides: z.output<typeof OverrideSettingsSchema>;
  readonly certificateStatus: 'ACTIVE' | 'INACTIVE';
  readonly policyNames: string[];
  readonly deviceConfiguration: Record<string, string>;
}

/**
 * Fills a template in.
 * @throws SimError `iot.parameter-missing`, `iot.template-invalid`
 */
export function fillTemplate(
  template: Template,
  given: Readonly<Record<string, string>>,
  certificateId: string,
): Provisioned {
  const values = valuesFor(template, given, certificateId);
  const resources = Object.values(template.Resources);
  const thing = resources.find((resource) => resource.Type === 'AWS::IoT::Thing');
  const certificate = resources.find((resource) => resource.Type === 'AWS::IoT::Certificate');
  if (thing === undefined || certificate === undefined) {
    throw new SimError('iot.template-invalid', 'a template needs a thing and a certificate');
  }
  const thingName = evaluate(thing.Properties.ThingName, values);
  if (!THING_NAME.test(thingName)) throw new SimError('iot.template-invalid', `"${thingName}" is not a thing name`);
  return {
    thing: {
      thingName,
      attributes: evaluateAll(thing.Properties.AttributePayload ?? {}, values),
      thingTypeName: evaluateOptional(thing.Properties.ThingTypeName, values),
      thingGroups: thing.Properties.ThingGroups?.map((group) => evaluate(group, values)),
      billingGroup: evaluateOptional(thing.Properties.BillingGroup, values),
    },
    overrides: thing.OverrideSettings,
    certificateStatus: certificate.Properties.Status?.toUpperCase() === 'INACTIVE' ? 'INACTIVE' : 'ACTIVE',
    policyNames: resources.flatMap((resource) =>
      resource.Type === 'AWS::IoT::Policy' ? [evaluate(resource.Properties.PolicyName, values)] : [],
    ),
    deviceConfiguration: evaluateAll(template.DeviceConfiguration ?? {}, values),
  };
}

function valuesFor(
  template: Template,
  given: Readonly<Record<string, string>>,
  certificateId: string,
): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, { Default }] of Object.entries(template.Parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : Default;
    if (value !== undefined) values.set(name, value);
  }
  return values.set(CERTIFICATE_ID, certificateId);
}

function evaluateAll(
  expressions: Readonly<Record<string, Expression>>,
  values: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(expressions).map(([key, value]) => [key, evaluate(value, values)]));
}

function evaluateOptional(expression: Expression | undefined, values: ReadonlyMap<string, string>): string | undefined {
  return expression === undefined ? undefined : evaluate(expression, values);
}

function evaluate(expression: Expression, values: ReadonlyMap<string, string>): string {
  if (typeof expression === 'string') return expression;
  if ('Ref' in expression) return lookUp(expression.Ref, values);
  if ('Fn::Join' in expression) {
    const [separator, parts] = expression['Fn::Join'];
    return parts.map((part) => evaluate(part, values)).join(separator);
  }
  const substitution = expression['Fn::Sub'];
  const [text, own] = typeof substitution === 'string' ? [substitution, {}] : substitution;
  const known = new Map([...values, ...Object.entries(evaluateAll(own, values))]);
  return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => lookUp(name, known));
}

function lookUp(name: string, values: ReadonlyMap<string, string>): string {
  const value = values.get(name);
  if (value === undefined) throw new SimError('iot.parameter-missing', `parameter ${name} has no value`);
  return value;
}
