import { expect, test } from 'vitest';
import { fillTemplate, type Template, TemplateSchema } from './template.js';

const ID = 'AWS::IoT::Certificate::Id';

function template(changes: Partial<Template> = {}, thingName: unknown = { Ref: 'Name' }): Template {
  return TemplateSchema.parse({
    Parameters: { Name: { Type: 'String' }, Batch: { Type: 'String', Default: '7' } },
    Resources: {
      thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: thingName } },
      certificate: { Type: 'AWS::IoT::Certificate', Properties: { CertificateId: { Ref: ID }, Status: 'Active' } },
      policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'p' } },
    },
    ...changes,
  });
}

const placeholder = (name: string) => `\${${name}}`;

test.each([
  ['a reference', { Ref: 'Name' }, 'n'],
  ['a default', { Ref: 'Batch' }, '7'],
  ['a join', { 'Fn::Join': ['-', ['a', { Ref: 'Name' }, { Ref: 'Batch' }]] }, 'a-n-7'],
  ['a substitution', { 'Fn::Sub': `hub-${placeholder('Name')}` }, 'hub-n'],
  [
    'a substitution with its own values',
    { 'Fn::Sub': [`${placeholder('x')}-${placeholder('Batch')}`, { x: { 'Fn::Join': ['', ['y', 'z']] } }] },
    'yz-7',
  ],
])('%s is filled in', (_, expression, thingName) => {
  expect(fillTemplate(template({}, expression), { Name: 'n' }, 'id')).toMatchObject({
    thing: { thingName },
    certificateStatus: 'ACTIVE',
    policyNames: ['p'],
  });
});

test('the certificate id is a parameter that a device cannot give', () => {
  const configured = template({ DeviceConfiguration: { id: { Ref: ID } } });
  expect(fillTemplate(configured, { Name: 'n', [ID]: 'forged' }, 'true-id').deviceConfiguration).toEqual({
    id: 'true-id',
  });
});

test('a parameter that the template does not name has no value', () => {
  expect(() => fillTemplate(template({}, { Ref: 'Other' }), { Other: 'x' }, 'id')).toThrow(
    expect.objectContaining({ code: 'iot.parameter-missing' }),
  );
});

test.each(['', 'a/b', '+', 'x'.repeat(129)])('"%s" is refused as a thing name', (Name) => {
  expect(() => fillTemplate(template(), { Name }, 'id')).toThrow(
    expect.objectContaining({ code: 'iot.template-invalid' }),
  );
});

test('functions and resources that the stand-in does not know are refused, not ignored', () => {
  const select = { 'Fn::Select': ['0', ['a']] };
  expect(() => template({}, select)).toThrow();
  expect(() => TemplateSchema.parse({ ...template(), Mappings: {} })).toThrow();
});
