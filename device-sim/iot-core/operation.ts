/** What a client may ask of the stand-in besides carrying messages. */
export const OPERATIONS = ['Connect', 'CreateCertificateFromCsr', 'RegisterThing', 'Shadow', 'Jobs'] as const;

export type Operation = (typeof OPERATIONS)[number];

const TOPICS: readonly (readonly [Operation, RegExp])[] = [
  ['CreateCertificateFromCsr', /^\$aws\/certificates\/create-from-csr\//],
  ['RegisterThing', /^\$aws\/provisioning-templates\/[^/]+\/provision\//],
  ['Shadow', /^\$aws\/things\/[^/]+\/shadow\//],
  ['Jobs', /^\$aws\/things\/[^/]+\/jobs\//],
];

/** Whose topic it is, of a request or of its answer; undefined if it is no service's. */
export function operationOf(topic: string): Operation | undefined {
  return TOPICS.find(([, pattern]) => pattern.test(topic))?.[0];
}
