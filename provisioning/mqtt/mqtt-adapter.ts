/** Where and as whom to connect. */
export interface MqttOptions {
  /** Host name of the broker. */
  readonly endpoint: string;
  readonly port: number;
  /** The CA that the broker's certificate must come from. */
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  readonly clientId: string;
  /** Seconds between two signs of life on a silent connection; 60 if absent. The broker may ask for others. */
  readonly keepAliveS?: number;
  /** How long the broker keeps what it could not deliver after the connection is over; 0, not at all, if absent. */
  readonly sessionExpiryS?: number;
  /** What the broker publishes if the connection ends without DISCONNECT. */
  readonly will?: { readonly topic: string; readonly payload: string };
}

/** A message that came; `topic` is at most 256 bytes, `payload` at most 128 KiB. */
export interface MqttMessage {
  readonly topic: string;
  readonly payload: Buffer;
}

/** What an adapter tells of its one connection. */
export interface MqttAdapterEvents {
  /** A message of QoS 1 is acknowledged by `acknowledge`, which may be called once and never throws. */
  readonly onMessage: (message: MqttMessage, acknowledge: () => void) => void;
  /** After CONNACK the connection broke, or the broker ended it: by a DISCONNECT with this reason code. */
  readonly onEnd: (why: string, reasonCode: number | undefined) => void;
}

/** One MQTT client library, as far as sessions need it: one connection by MQTT 5, which is never mended. */
export interface MqttAdapter {
  /**
   * Resolves at CONNACK 0.
   * @throws ProvisioningError `link.*`; `link.lost` where nobody can tell why
   */
  connect(): Promise<void>;
  /** Gives the reason codes of SUBACK; rejects with any error when the connection breaks first. */
  subscribe(filters: readonly string[]): Promise<readonly number[]>;
  /** Publishes with QoS 1 and gives the reason code of PUBACK; rejects with any error when the connection breaks first. */
  publish(topic: string, payload: Buffer): Promise<number>;
  /** Sends DISCONNECT if the connection stands, and resolves when it is over. */
  end(): Promise<void>;
  /** Lets go of everything at once. Never throws. */
  destroy(): void;
}

/** Makes the adapter of one library. @throws ProvisioningError `link.bad-credentials` */
export type MqttAdapterFactory = (options: MqttOptions, events: MqttAdapterEvents) => MqttAdapter;

export const KEEP_ALIVE_S = 60;
export const CONNECT_LIMIT_MS = 30_000;
