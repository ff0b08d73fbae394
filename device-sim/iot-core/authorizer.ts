import { arn } from './arn.js';
import { isAllowed, type PolicyContext } from './policy.js';
import type { CertificateRecord, Registry } from './registry.js';

type Action = 'Connect' | 'Publish' | 'RetainPublish' | 'Subscribe' | 'Receive';

const RESOURCE_KINDS = {
  Connect: 'client',
  Publish: 'topic',
  RetainPublish: 'topic',
  Subscribe: 'topicfilter',
  Receive: 'topic',
} as const;

/** What one connection may do, asked anew each time: a change in the registry counts at once. */
export class Authorizer {
  readonly #registry: Registry;
  readonly #certificateId: string;
  readonly #clientId: string;
  readonly #connectAttributes: readonly string[];

  constructor(
    registry: Registry,
    who: { certificateId: string; clientId: string; connectAttributes: readonly ('PersistentConnect' | 'LastWill')[] },
  ) {
    this.#registry = registry;
    this.#certificateId = who.certificateId;
    this.#clientId = who.clientId;
    this.#connectAttributes = who.connectAttributes;
  }

  allows(action: Action, name: string): boolean {
    const certificate = this.#registry.certificate(this.#certificateId);
    if (certificate?.status !== 'ACTIVE') return false;
    const request = { action: `iot:${action}`, resource: arn(RESOURCE_KINDS[action], name) };
    return isAllowed(this.#registry.policiesOf(certificate), request, this.#context(certificate));
  }

  /** The thing of a connection is the one that its client id names. Source: AWS IoT, "Thing policy variables". */
  #context(certificate: CertificateRecord): PolicyContext {
    const thing = this.#registry.thing(this.#clientId);
    return {
      'iot:ClientId': [this.#clientId],
      'iot:ConnectAttributes': this.#connectAttributes,
      'iot:Connection.Thing.IsAttached': [String(thing !== undefined && certificate.thingName === thing.thingName)],
      ...(thing === undefined ? {} : { 'iot:Connection.Thing.ThingName': [thing.thingName] }),
    };
  }
}
