/** Whether the hub reaches the cloud over MQTT. */
export type LinkState = {
  connected: boolean;
  /** Wall clock in milliseconds; undefined while not connected. */
  connectedSinceMs: number | undefined;
  /** Connections after the first, since the process started. */
  reconnects: number;
};

/** A message of the cloud. It is acknowledged when the handler's promise resolves, and not if it rejects. */
export type MessageHandler = (topic: string, payload: Uint8Array) => Promise<void> | void;

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
  publish(topic: string, payload: string): Promise<void>;
}
