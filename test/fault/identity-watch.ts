import { existsSync, type FSWatcher, readFileSync, statSync, watch } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { PHASES, type Phase } from './disturbance.js';

export type IdentityWatchDeps = {
  /** The hub's data folder, which is there before the hub starts. */
  readonly dataDir: string;
  readonly identityDir: string;
  readonly onPhase: (phase: Phase) => void;
  readonly onKey: (keyPem: string) => void;
  readonly onToken: (token: string) => void;
  /** Something that no moment may show: half a file, or one that others may read. */
  readonly onDamage: (what: string) => void;
};

const OWNER_ONLY = 0o600;
const StateSchema = z.object({ phase: z.enum(['UNPROVISIONED', ...PHASES]), token: z.string().optional() });

/** Looks over a hub's shoulder: reads the files of its key store whenever one of them changes. */
export class IdentityWatch {
  readonly #deps: IdentityWatchDeps;
  readonly #watchers: FSWatcher[] = [];
  #phase: z.infer<typeof StateSchema>['phase'] = 'UNPROVISIONED';

  constructor(deps: IdentityWatchDeps) {
    this.#deps = deps;
  }

  get phase(): string {
    return this.#phase;
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
    if (mode === undefined) return;
    if ((mode & 0o777) !== OWNER_ONLY) this.#deps.onDamage(`${name} has mode ${(mode & 0o777).toString(8)}`);
    if (name === 'state.json') this.#readState(file);
    if (/key.*\.pem$/.test(name)) this.#deps.onKey(readFileSync(file, 'utf8'));
  }

  #readState(file: string): void {
    const state = StateSchema.safeParse(parsedJson(readFileSync(file, 'utf8')));
    if (!state.success) {
      this.#deps.onDamage('state.json is not whole');
      return;
    }
    const { phase, token } = state.data;
    if (token !== undefined) this.#deps.onToken(token);
    if (phase === this.#phase) return;
    this.#phase = phase;
    if (phase !== 'UNPROVISIONED') this.#deps.onPhase(phase);
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
