import { z } from 'zod';
import { SimError } from '../errors.js';

const MAX_CHARACTERS = 2048;

const OneOrMoreSchema = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const OPERATORS = {
  Bool: anyPair((wanted, actual) => wanted.toLowerCase() === actual.toLowerCase()),
  StringEquals: anyPair((wanted, actual) => wanted === actual),
  StringNotEquals: (wanted: string[], actual: string[]) => !actual.some((value) => wanted.includes(value)),
  StringLike: anyPair((wanted, actual) => wildcardPattern(wanted).test(actual)),
  'ForAnyValue:StringEquals': anyPair((wanted, actual) => wanted === actual),
  'ForAllValues:StringEquals': (wanted: string[], actual: string[]) => actual.every((value) => wanted.includes(value)),
} as const;

const ConditionSchema = z.partialRecord(
  z.enum([
    'Bool',
    'StringEquals',
    'StringNotEquals',
    'StringLike',
    'ForAnyValue:StringEquals',
    'ForAllValues:StringEquals',
  ]),
  z.record(z.string(), OneOrMoreSchema),
);

const StatementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: OneOrMoreSchema,
  Resource: OneOrMoreSchema,
  Condition: ConditionSchema.optional(),
});

/** An AWS IoT policy document. Elements that the stand-in does not know are refused, not ignored. */
export const PolicyDocumentSchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.union([StatementSchema, z.array(StatementSchema)]).transform((value) => [value].flat()),
});

export type PolicyDocument = z.input<typeof PolicyDocumentSchema>;
export type Policy = z.output<typeof PolicyDocumentSchema>;
type Statement = z.output<typeof StatementSchema>;

/** What a client wants to do; `resource` is an ARN. */
export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
}

/** Values of policy variables and condition keys; a variable without exactly one value makes its statement void. */
export type PolicyContext = Readonly<Record<string, readonly string[]>>;

/** @throws SimError `iot.policy-invalid` */
export function parsePolicy(name: string, document: unknown): Policy {
  const parsed = PolicyDocumentSchema.safeParse(document);
  if (!parsed.success) {
    throw new SimError('iot.policy-invalid', `policy ${name}: ${z.prettifyError(parsed.error)}`);
  }
  const length = JSON.stringify(document).replace(/\s/g, '').length;
  if (length > MAX_CHARACTERS) {
    throw new SimError('iot.policy-invalid', `policy ${name}: ${length} characters, limit ${MAX_CHARACTERS}`);
  }
  return parsed.data;
}

/** Whether the policies together let the request through: an explicit deny wins, and nothing is allowed by silence. */
export function isAllowed(policies: readonly Policy[], request: PolicyRequest, context: PolicyContext): boolean {
  const speaking = policies
    .flatMap((policy) => policy.Statement)
    .filter((statement) => speaksOf(statement, request, context));
  return speaking.length > 0 && speaking.every((statement) => statement.Effect === 'Allow');
}

function speaksOf(statement: Statement, request: PolicyRequest, context: PolicyContext): boolean {
  return (
    statement.Action.some((action) => wildcardPattern(action, 'i').test(request.action)) &&
    statement.Resource.some((resource) => resourceCovers(resource, request.resource, context)) &&
    conditionsHold(statement, context)
  );
}

function resourceCovers(resource: string, actual: string, context: PolicyContext): boolean {
  const source = resource.split(/(\$\{[^}]*\})/).map((part) => {
    const name = /^\$\{([^}]*)\}$/.exec(part)?.[1];
    if (name === undefined) return wildcardSource(part);
    const value = variable(name, context);
    return value === undefined ? undefined : escapePattern(value);
  });
  return !source.includes(undefined) && new RegExp(`^${source.join('')}$`, 's').test(actual);
}

/** `${*}`, `${?}` and `${$}` stand for the characters themselves. Source: AWS IAM, policy variables. */
function variable(name: string, context: PolicyContext): string | undefined {
  if (name === '*' || name === '?' || name === '$') return name;
  const values = Object.hasOwn(context, name) ? context[name] : undefined;
  return values?.length === 1 ? values[0] : undefined;
}

function conditionsHold(statement: Statement, context: PolicyContext): boolean {
  for (const operator of conditionOperators(statement)) {
    const wantedByKey = statement.Condition?.[operator] ?? {};
    for (const [key, wanted] of Object.entries(wantedByKey)) {
      const actual = Object.hasOwn(context, key) ? (context[key] ?? []) : [];
      if (!OPERATORS[operator](wanted, [...actual])) return false;
    }
  }
  return true;
}

function conditionOperators(statement: Statement): (keyof typeof OPERATORS)[] {
  return ConditionSchema.keyType.options.filter((operator) => statement.Condition?.[operator] !== undefined);
}

function anyPair(same: (wanted: string, actual: string) => boolean) {
  return (wanted: string[], actual: string[]) => actual.some((a) => wanted.some((w) => same(w, a)));
}

function wildcardPattern(text: string, flags = ''): RegExp {
  return new RegExp(`^${wildcardSource(text)}$`, `s${flags}`);
}

function wildcardSource(text: string): string {
  return text
    .split(/([*?])/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : escapePattern(part)))
    .join('');
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
