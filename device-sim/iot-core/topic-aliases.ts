import { MAX_TOPIC_ALIASES } from './handshake.js';
import { REASON } from './reason-codes.js';

type Resolved =
  | { readonly ok: true; readonly topic: string }
  | { readonly ok: false; readonly reasonCode: number; readonly why: string };

/** The short numbers that one connection has given to its topics. Source: MQTT 5, section 3.3.2.3.4. */
export class TopicAliases {
  readonly #topics = new Map<number, string>();

  resolve(topic: string, alias: number | undefined): Resolved {
    if (alias === undefined) return { ok: true, topic };
    if (alias === 0 || alias > MAX_TOPIC_ALIASES) {
      return {
        ok: false,
        reasonCode: REASON.topicAliasInvalid,
        why: `topic alias ${alias}, limit ${MAX_TOPIC_ALIASES}`,
      };
    }
    if (topic !== '') {
      this.#topics.set(alias, topic);
      return { ok: true, topic };
    }
    const known = this.#topics.get(alias);
    if (known !== undefined) return { ok: true, topic: known };
    return { ok: false, reasonCode: REASON.protocolError, why: `topic alias ${alias} names no topic yet` };
  }
}
