import { type Logger, pino } from 'pino';
import { z } from 'zod';
import type { TappedMessage } from '../../device-sim/iot-core/admin.js';
import { OPERATIONS, type Operation, operationOf } from '../../device-sim/iot-core/operation.js';

/** Something that happened at the stand-in. */
export type Sighting = {
  readonly what: 'connected' | 'refused' | 'struck' | 'request';
  readonly clientId: string;
  readonly certificateId: string | undefined;
  readonly operation: Operation | undefined;
};

const LineSchema = z.object({
  msg: z.string(),
  clientId: z.string(),
  certificateId: z.string().optional(),
  operation: z.enum(OPERATIONS).optional(),
});

const WORDS: Readonly<Record<string, Sighting['what']>> = {
  'client connected': 'connected',
  'client refused': 'refused',
  'fault struck': 'struck',
};

/** Reads along at the stand-in: what happened, and every word that was written or published. */
export class Witness {
  /** Lines of its log, as they came. */
  readonly lines: string[] = [];
  readonly published: { readonly topic: string; readonly payload: string }[] = [];
  readonly iotLog: Logger;
  readonly #listeners = new Set<(sighting: Sighting) => void>();
  readonly #certificateOf = new Map<string, string>();

  constructor() {
    this.iotLog = pino({ level: 'trace' }, { write: (line: string) => this.#read(line) });
  }

  /** For the tap of the stand-in. */
  tapped({ topic, payload, clientId = '' }: TappedMessage): void {
    this.published.push({ topic, payload: Buffer.from(payload).toString('utf8') });
    const operation = operationOf(topic);
    if (operation !== undefined) this.#tell({ what: 'request', clientId, certificateId: undefined, operation });
  }

  /** Tells at once, within the stand-in's own turn; the returned function ends it. */
  listen(listener: (sighting: Sighting) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #read(line: string): void {
    this.lines.push(line);
    const parsed = LineSchema.safeParse(JSON.parse(line));
    if (!parsed.success) return;
    const { msg, clientId, certificateId, operation } = parsed.data;
    const what = WORDS[msg];
    if (what !== undefined) this.#tell({ what, clientId, certificateId, operation });
  }

  #tell(sighting: Sighting): void {
    const { clientId } = sighting;
    if (sighting.certificateId !== undefined) this.#certificateOf.set(clientId, sighting.certificateId);
    const whole = { ...sighting, certificateId: sighting.certificateId ?? this.#certificateOf.get(clientId) };
    for (const listener of this.#listeners) listener(whole);
  }
}
