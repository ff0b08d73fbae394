import type { Qos } from './message.js';
import type { Session, Subscription } from './session.js';
import { covers, hasWildcard, parseFilter } from './topics.js';

/** Where a message goes: a session, and the subscription that asked for it. */
export interface Target {
  readonly session: Session;
  readonly subscription: Subscription;
  readonly isShared: boolean;
}

interface Entry {
  readonly filter: string;
  readonly isShared: boolean;
  /** In the order of their turns, if shared. */
  members: { session: Session; subscription: Subscription }[];
}

/** Who wants to hear what, over all sessions. */
export class Subscriptions {
  readonly #entries = new Map<string, Entry>();

  add(session: Session, subscription: Subscription): void {
    const parsed = parseFilter(subscription.filter);
    if (parsed === undefined) return;
    session.subscriptions.set(subscription.filter, subscription);
    const entry = this.#entries.get(subscription.filter) ?? {
      filter: parsed.filter,
      isShared: parsed.group !== undefined,
      members: [],
    };
    entry.members = [...entry.members.filter((member) => member.session !== session), { session, subscription }];
    this.#entries.set(subscription.filter, entry);
  }

  /** False if there was no such subscription. */
  remove(session: Session, filter: string): boolean {
    const entry = this.#entries.get(filter);
    if (entry !== undefined) {
      entry.members = entry.members.filter((member) => member.session !== session);
      if (entry.members.length === 0) this.#entries.delete(filter);
    }
    return session.subscriptions.delete(filter);
  }

  removeAll(session: Session): void {
    for (const filter of [...session.subscriptions.keys()]) this.remove(session, filter);
  }

  /** One target per plain session, by its strongest subscription, and one member per shared filter. */
  targets(topic: string, publisher: string | undefined): Target[] {
    const plain = new Map<Session, Target>();
    const shared: Target[] = [];
    for (const [filter, entry] of this.#entries) {
      if (!(hasWildcard(entry.filter) ? covers(entry.filter, topic) : entry.filter === topic)) continue;
      if (entry.isShared) {
        const target = this.nextMember(filter);
        if (target !== undefined) shared.push(target);
        continue;
      }
      for (const { session, subscription } of entry.members) {
        if (subscription.noLocal && session.clientId === publisher) continue;
        if (subscription.qos >= (plain.get(session)?.subscription.qos ?? 0)) {
          plain.set(session, { session, subscription, isShared: false });
        }
      }
    }
    return [...plain.values(), ...shared];
  }

  /** Whose turn it is: connected members first, each in turn. */
  nextMember(filter: string, except?: Session): Target | undefined {
    const entry = this.#entries.get(filter);
    if (entry === undefined) return undefined;
    const others = entry.members.filter(({ session }) => session !== except);
    const next = others.find(({ session }) => session.outlet !== undefined) ?? others[0];
    if (next === undefined) return undefined;
    entry.members = [...entry.members.filter((member) => member !== next), next];
    return { ...next, isShared: true };
  }
}

/** The quality with which a session hears a topic through its plain subscriptions; undefined if it does not. */
export function qosFor(session: Session, topic: string): Qos | undefined {
  let qos: Qos | undefined;
  for (const subscription of session.subscriptions.values()) {
    if (subscription.filter.startsWith('$share/') || !covers(subscription.filter, topic)) continue;
    if (qos === undefined || subscription.qos > qos) qos = subscription.qos;
  }
  return qos;
}
