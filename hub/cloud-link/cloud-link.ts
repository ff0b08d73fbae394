import type { MqttHandler } from '../../provisioning/index.js';

/** Whether the hub reaches the cloud over MQTT. */
export type LinkState = {
  connected: boolean;
  /** Wall clock in milliseconds; undefined while not connected. */
  connectedSinceMs: number | undefined;
  /** Connections after the first, since the process started. */
  reconnects: number;
  /** Why it is not connected, as far as is known. */
  problem: { code: string; message: string } | undefined;
  /** How often in a row another client took this hub's place; back to 0 after a connection of ten minutes. */
  takeOvers: number;
};

/** A certificate with its key. */
export type LinkPair = { certPem: string; keyPem: string };

/** Whether a connection by another pair came about. */
export type Swap = { ok: true } | { ok: false; code: string; message: string };

/** The hub's connection to the cloud. Nothing is queued in it: what must not be lost goes through the outbox. */
export interface CloudLink {
  /** Begins to connect, and keeps trying. */
  start(): void;
  /** Says good-bye and ends; safe to call twice. */
  stop(): Promise<void>;
  state(): LinkState;
  onChange(listener: (state: LinkState) => void): void;
  /**
   * Resolves when the broker has taken the message (QoS 1).
   * @throws HubError `link.down`, `link.refused`
   */
  publish(topic: string, payload: string | Uint8Array): Promise<void>;
  /**
   * Hears topic filters, at most eight, on this connection and on every later one, until the returned function is called.
   * A message is acknowledged when its handler's promise resolves, and not if it rejects.
   * @throws HubError `link.down` and `link.refused`: nothing is heard then, and nothing will be
   */
  subscribe(filters: readonly string[], handler: MqttHandler): Promise<() => void>;
  /**
   * Leaves and comes back by another pair under the same client id, trying for at most `limitMs`. Once it has been let in and
   * hears its commands the pair is used from then on; if not, the old one is used as before.
   */
  reconnectWith(pair: LinkPair, limitMs: number): Promise<Swap>;
}
