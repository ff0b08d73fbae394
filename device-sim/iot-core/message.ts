import type { ForwardedProperties } from './packets.js';

export type Qos = 0 | 1;

/** A message on its way through the broker. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly properties: Omit<ForwardedProperties, 'messageExpiryInterval'>;
  /** On the monotonic clock, in milliseconds. */
  readonly expiresAtMs?: number | undefined;
  /** The client id of the publisher; undefined if it is a service of the stand-in. */
  readonly from?: string | undefined;
  /** The client id of one who does not get it, having heard the same already. */
  readonly notTo?: string | undefined;
}

/** A message for one session. */
export interface Delivery {
  readonly message: Message;
  readonly qos: Qos;
  readonly retain: boolean;
  /** The shared filter through which it came, to hand it to another member if this one goes. */
  readonly sharedBy?: string | undefined;
  /** Dies with the connection instead of waiting in the session. */
  readonly onlyNow?: boolean | undefined;
}

export function lowerQos(one: Qos, other: Qos): Qos {
  return one === 0 ? 0 : other;
}
