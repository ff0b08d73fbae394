import { existsSync, type FSWatcher, readFileSync, statSync, watch } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Phase } from './disturbance.js';

export type IdentityWatchDeps = {
  /** The hub's data folder, which is there before the hub starts. */
  readonly dataDir: string;
  readonly identityDir: string;
  readonly onPhase: (phase: Phase) => void;
  readonly onKey: (keyPem: string) => void;
  readonly onToken: (token: string) => void;
  /** After a file was written, renamed or removed. */
  readonly onChange?: () => void;
  /** Something that no moment may show: half a file, or one that others may read. */
  readonly onDamage: (what: string) => void;
};

const OWNER_ONLY = 0o600;
/** Of what a key store writes, what is looked at. */
const StateSchema = z.object({
  phase: z.enum(['UNPROVISIONED', 'KEY_MADE', 'CERT_ISSUED', 'REGISTERED', 'VERIFIED', 'ACTIVE']),
  certificateId: z.string().optional(),
  token: z.string().optional(),
  rotation: z
    .object({
      stage: z.enum(['NEXT_KEY_MADE', 'NEXT_CERT_ISSUED', 'NEXT_REGISTERED', 'NEXT_VERIFIED']),
      token: z.string().optional(),
    })
    .optional(),
});

/** Looks over a hub's shoulder: reads the files of its key store whenever one of them changes. */
export class IdentityWatch {
  readonly #deps: IdentityWatchDeps;
  readonly #watchers: FSWatcher[] = [];
  #phase: Phase | 'UNPROVISIONED' = 'UNPROVISIONED';
  #certificateId: string | undefined;

  constructor(deps: IdentityWatchDeps) {
    this.#deps = deps;
  }

  /** How far the hub has come; of a rotation while one is under way. */
  get phase(): Phase | 'UNPROVISIONED' {
    return this.#phase;
  }

  /** The hub's own, as its state has it. */
  get certificateId(): string | undefined {
    return this.#certificateId;
  }

  start(): void {
    const { dataDir, identityDir } = this.#deps;
    const begin = () => {
      if (this.#watchers.length > 1 || !existsSync(identityDir)) return;
      this.#watchers.push(watch(identityDir, (_, name) => this.#changed(name ?? '')));
      for (const name of ['state.json', 'device-key.pem']) this.#changed(name);
    };
    this.#watchers.push(watch(dataDir, begin));
    begin();
  }

  stop(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }

  #changed(name: string): void {
    const file = path.join(this.#deps.identityDir, name);
    const mode = statSync(file, { throwIfNoEntry: false })?.mode;
    if (mode === undefined) {
      this.#deps.onChange?.();
      return;
    }
    if ((mode & 0o777) !== OWNER_ONLY) this.#deps.onDamage(`${name} has mode ${(mode & 0o777).toString(8)}`);
    const text = textOf(file);
    if (text !== undefined && name === 'state.json') this.#readState(text);
    if (text !== undefined && /key.*\.pem$/.test(name)) this.#deps.onKey(text);
    this.#deps.onChange?.();
  }

  #readState(text: string): void {
    const state = StateSchema.safeParse(parsedJson(text));
    if (!state.success) {
      this.#deps.onDamage('state.json is not whole');
      return;
    }
    const { rotation, certificateId } = state.data;
    this.#certificateId = certificateId;
    for (const token of [state.data.token, rotation?.token]) if (token !== undefined) this.#deps.onToken(token);
    const phase = rotation?.stage ?? state.data.phase;
    if (phase === this.#phase) return;
    this.#phase = phase;
    if (phase !== 'UNPROVISIONED') this.#deps.onPhase(phase);
  }
}

/** The hub may remove a file between two looks. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
