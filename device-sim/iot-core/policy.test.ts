import { expect, test } from 'vitest';
import { isAllowed, type PolicyDocument, parsePolicy } from './policy.js';

type Statement = Extract<PolicyDocument['Statement'], readonly unknown[]>[number];

const variable = (name: string) => `\${${name}}`;

const ALLOW_ALL: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };

function allows(
  statements: Statement[],
  action: string,
  resource: string,
  context: Record<string, string[]> = {},
): boolean {
  return isAllowed([parsePolicy('p', { Version: '2012-10-17', Statement: statements })], { action, resource }, context);
}

test('nothing is allowed by silence, and an explicit deny wins over any allow', () => {
  expect(allows([], 'iot:Publish', 'topic/a')).toBe(false);
  expect(allows([ALLOW_ALL], 'iot:Publish', 'topic/a')).toBe(true);
  const deny: Statement = { Effect: 'Deny', Action: 'iot:Publish', Resource: 'topic/a' };
  expect(allows([deny, ALLOW_ALL], 'iot:Publish', 'topic/a')).toBe(false);
  expect(allows([deny, ALLOW_ALL], 'iot:Publish', 'topic/ab')).toBe(true);
});

test.each([
  ['topic/*', 'topic/a/b', true],
  ['topic/a?c', 'topic/abc', true],
  ['topic/a?c', 'topic/ac', false],
  ['topic/a.c', 'topic/abc', false],
  ['topicfilter/a/+/#', 'topicfilter/a/+/#', true],
  ['topicfilter/a/+', 'topicfilter/a/b', false],
  ['topic/a', 'topic/a/b', false],
])('the resource %s covers %s: %s', (resource, actual, covered) => {
  expect(allows([{ Effect: 'Allow', Action: 'iot:*', Resource: resource }], 'iot:Publish', actual)).toBe(covered);
});

test('actions match by wildcard and without case', () => {
  const statement: Statement = { Effect: 'Allow', Action: ['iot:sub*', 'IOT:Connect'], Resource: '*' };
  expect(allows([statement], 'iot:Subscribe', 'x')).toBe(true);
  expect(allows([statement], 'iot:Connect', 'x')).toBe(true);
  expect(allows([statement], 'iot:Publish', 'x')).toBe(false);
});

test('a variable stands for its value and for nothing that the value would mean as a wildcard', () => {
  const own: Statement = { Effect: 'Allow', Action: '*', Resource: `topic/${variable('iot:ClientId')}/x` };
  expect(allows([own], 'iot:Publish', 'topic/me/x', { 'iot:ClientId': ['me'] })).toBe(true);
  expect(allows([own], 'iot:Publish', 'topic/you/x', { 'iot:ClientId': ['me'] })).toBe(false);
  expect(allows([own], 'iot:Publish', 'topic/you/x', { 'iot:ClientId': ['*'] })).toBe(false);
  expect(allows([own], 'iot:Publish', 'topic/you/x', { 'iot:ClientId': ['.*'] })).toBe(false);
});

test('a statement whose variable has no value says nothing', () => {
  const own: Statement = {
    Effect: 'Allow',
    Action: '*',
    Resource: `topic/${variable('iot:Connection.Thing.ThingName')}*`,
  };
  expect(allows([own], 'iot:Publish', 'topic/')).toBe(false);
  expect(allows([own], 'iot:Publish', `topic/${variable('iot:Connection.Thing.ThingName')}`)).toBe(false);
  const literal: Statement = { Effect: 'Allow', Action: '*', Resource: `topic/${variable('*')}` };
  expect(allows([literal], 'iot:Publish', 'topic/*')).toBe(true);
  expect(allows([literal], 'iot:Publish', 'topic/a')).toBe(false);
});

test.each([
  [{ Bool: { k: 'true' } }, ['true'], true],
  [{ Bool: { k: 'true' } }, ['false'], false],
  [{ Bool: { k: 'true' } }, [], false],
  [{ StringEquals: { k: ['a', 'b'] } }, ['b'], true],
  [{ StringNotEquals: { k: 'a' } }, ['a'], false],
  [{ StringNotEquals: { k: 'a' } }, [], true],
  [{ StringLike: { k: 'a*' } }, ['abc'], true],
  [{ 'ForAnyValue:StringEquals': { k: 'x' } }, ['x', 'y'], true],
  [{ 'ForAllValues:StringEquals': { k: 'x' } }, ['x', 'y'], false],
  [{ 'ForAllValues:StringEquals': { k: 'x' } }, [], true],
])('the condition %j with the values %j holds: %s', (Condition, values, holds) => {
  expect(allows([{ ...ALLOW_ALL, Condition }], 'iot:Connect', 'x', { k: values })).toBe(holds);
});

test.each([
  [
    'an unknown operator',
    { Version: '2012-10-17', Statement: [{ ...ALLOW_ALL, Condition: { DateLessThan: { k: '1' } } }] },
  ],
  ['an unknown element', { Version: '2012-10-17', Statement: [{ Effect: 'Allow', NotAction: '*', Resource: '*' }] }],
  ['another version', { Version: '2008-10-17', Statement: [ALLOW_ALL] }],
  ['too much text', { Version: '2012-10-17', Statement: [{ ...ALLOW_ALL, Resource: 'x'.repeat(2048) }] }],
])('a policy with %s is refused', (_, document) => {
  expect(() => parsePolicy('p', document)).toThrow(expect.objectContaining({ code: 'iot.policy-invalid' }));
});
