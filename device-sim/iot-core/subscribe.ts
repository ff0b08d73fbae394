import type { Admission } from './handshake.js';
import type { SubscribePacket } from './packets.js';
import { REASON } from './reason-codes.js';
import type { Subscription } from './session.js';
import { type ParsedFilter, parseFilter } from './topics.js';

/** Source of both: AWS IoT Core quotas. */
const MAX_FILTERS_PER_SUBSCRIBE = 8;
const MAX_SUBSCRIPTIONS = 50;

/** MQTT 3.1.1 has one code for every refused filter. */
const FAILURE = 0x80;

interface FilterVerdict {
  /** Granted QoS or reason code, for SUBACK. */
  readonly code: number;
  readonly subscription: Subscription | undefined;
  /** MQTT 5, section 3.8.3.1: 0 send retained messages, 1 only for a new subscription, 2 do not. */
  readonly retainHandling: number;
}

type SubscribeVerdict =
  | { readonly ok: true; readonly filters: readonly FilterVerdict[] }
  | { readonly ok: false; readonly reasonCode: number; readonly why: string };

/** Decides on a SUBSCRIBE, without side effects. `ok: false` means that the connection must end. */
export function examineSubscribe(
  packet: SubscribePacket,
  held: ReadonlyMap<string, Subscription>,
  { authorizer, protocolVersion }: Admission,
  isDeniedByCode: boolean,
): SubscribeVerdict {
  const asked = packet.subscriptions.map((one) => ({ ...one, parsed: parseFilter(one.topic) }));
  if (packet.properties?.subscriptionIdentifier !== undefined) {
    return end(REASON.subscriptionIdsNotSupported, 'subscription identifiers are not supported');
  }
  if (asked.some(({ qos }) => qos === 2)) return end(REASON.qosNotSupported, 'QoS 2 is not supported');
  if (asked.some(({ nl, parsed }) => nl && parsed?.group !== undefined)) {
    return end(REASON.protocolError, 'a shared subscription cannot be no-local');
  }
  const isTooMany = asked.length > MAX_FILTERS_PER_SUBSCRIBE;
  const filters: FilterVerdict[] = [];
  const after = new Set(held.keys());
  for (const { topic, qos, nl, rap, rh, parsed } of asked) {
    const refusal = refusalFor(parsed, isTooMany || (!after.has(topic) && after.size >= MAX_SUBSCRIPTIONS));
    const isDenied = refusal === undefined && !authorizer.allows('Subscribe', topic);
    if (isDenied && !isDeniedByCode) return end(REASON.notAuthorized, `not allowed to subscribe to ${topic}`);
    const code = isDenied ? REASON.notAuthorized : refusal;
    if (code !== undefined) {
      filters.push({ code: protocolVersion === 5 ? code : FAILURE, subscription: undefined, retainHandling: 2 });
      continue;
    }
    const granted = qos === 0 ? 0 : 1;
    after.add(topic);
    filters.push({
      code: granted,
      subscription: { filter: topic, qos: granted, noLocal: nl, retainAsPublished: rap },
      retainHandling: rh,
    });
  }
  return { ok: true, filters };
}

function refusalFor(parsed: ParsedFilter | undefined, isOverQuota: boolean): number | undefined {
  if (isOverQuota) return REASON.quotaExceeded;
  return parsed === undefined ? REASON.filterInvalid : undefined;
}

function end(reasonCode: number, why: string): SubscribeVerdict {
  return { ok: false, reasonCode, why };
}
