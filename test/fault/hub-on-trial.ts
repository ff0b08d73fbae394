import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { built } from '../../device-sim/household/built.js';
import type { Clock } from '../../hardware/index.js';
import type { MqttClientChoice } from '../../provisioning/index.js';
import type { FleetSite, MadeHub } from '../support/fleet-site.js';
import { HubRun } from '../support/hub-run.js';
import type { Phase, Speaker } from './disturbance.js';
import { History } from './history.js';
import { IdentityWatch } from './identity-watch.js';
import { Secrets } from './secrets.js';
import type { Sighting, Witness } from './witness.js';

export type TrialDeps = {
  readonly site: FleetSite;
  readonly witness: Witness;
  /** Where rounds keep their files. */
  readonly dir: string;
  readonly clock: Clock;
  /** By which the hub speaks MQTT. */
  readonly mqttClient: MqttClientChoice;
};

/** Who wants to act at once, in the turn in which it was seen. */
export type TrialListeners = {
  readonly onPhase?: (phase: Phase) => void;
  readonly onSighting?: (sighting: Sighting, speaker: Speaker) => void;
  /** A file of the key store was written, renamed or removed. */
  readonly onFiles?: () => void;
};

const HASTY_HUB = built('test', 'fault', 'hasty-hub', 'main.js');
const POLL_MS = 10;
const LOOK_MS = 100;
const DEAD_LINK_MS = 3_000;

/** A hub whose every word and file is watched, and whose power is in our hands. */
export class HubOnTrial {
  readonly hub: MadeHub;
  readonly history: History;
  /** What was seen that must never be. */
  readonly problems: string[] = [];
  readonly #deps: TrialDeps;
  readonly #secrets = new Secrets();
  readonly #watch: IdentityWatch;
  readonly #output: string[] = [];
  readonly #linesBefore: number;
  readonly #publishedBefore: number;
  readonly #unlisten: () => void;
  #listeners: TrialListeners = {};
  #process: HubRun | undefined;
  #isKept = false;

  private constructor(hub: MadeHub, deps: TrialDeps) {
    this.hub = hub;
    this.#deps = deps;
    this.history = new History(deps.clock);
    this.#linesBefore = deps.witness.lines.length;
    this.#publishedBefore = deps.witness.published.length;
    this.#secrets.addKey('claim key', hub.claim.keyPem);
    for (const secret of deps.site.secrets) this.#secrets.add('bearer token', secret);
    this.#unlisten = deps.witness.listen((sighting) => this.#saw(sighting));
    this.#watch = new IdentityWatch({
      dataDir: path.dirname(hub.identityDir),
      identityDir: hub.identityDir,
      onPhase: (phase) => {
        this.history.note(`state ${phase}`);
        this.#listeners.onPhase?.(phase);
      },
      onKey: (keyPem) => this.#secrets.addKey('device key', keyPem),
      onToken: (token) => this.#secrets.add('ownership token', token),
      onChange: () => this.#listeners.onFiles?.(),
      onDamage: (what) => this.problems.push(what),
    });
    this.#watch.start();
  }

  /** Makes a hub in a folder of its own. */
  static async make(name: string, deps: TrialDeps): Promise<HubOnTrial> {
    const dir = path.join(deps.dir, name);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    return new HubOnTrial(await deps.site.makeHub(dir), deps);
  }

  listen(listeners: TrialListeners): void {
    this.#listeners = listeners;
  }

  get phase(): Phase | 'UNPROVISIONED' {
    return this.#watch.phase;
  }

  get certificateId(): string | undefined {
    return this.#watch.certificateId;
  }

  isOnline(): boolean {
    const { thingName } = this.hub;
    return this.#deps.site.iotCore.admin.clients().some(({ clientId }) => clientId === thingName);
  }

  /** As itself, by this certificate. */
  isOnlineWith(certificateId: string | undefined): boolean {
    const { thingName } = this.hub;
    const clients = this.#deps.site.iotCore.admin.clients();
    return clients.some((client) => client.clientId === thingName && client.certificateId === certificateId);
  }

  powerOn(settings: Record<string, string> = {}): void {
    const { mqttClient } = this.#deps;
    this.history.note(`power on, by ${mqttClient}`);
    const env = { ...this.hub.spec.env, INKLET_MQTT_CLIENT: mqttClient, ...settings };
    this.#process = HubRun.start({ script: HASTY_HUB, env }, (piece) => void this.#output.push(piece));
  }

  /** At once; `powerOff` waits for the end. */
  pullPlug(): void {
    this.history.note('SIGKILL');
    void this.#process?.kill();
  }

  /** Its connection may outlive it for a moment, and is not to be taken for that of its next life. */
  async powerOff(): Promise<void> {
    await this.#process?.kill();
    await this.until(() => !this.isOnline(), DEAD_LINK_MS);
    this.history.note(`the hub is gone, its state is ${this.phase}`);
  }

  async until(isSo: () => boolean, limitMs: number): Promise<boolean> {
    const { clock } = this.#deps;
    const endMs = clock.monotonic() + limitMs;
    while (!isSo()) {
      if (clock.monotonic() >= endMs) return false;
      await clock.sleep(POLL_MS);
    }
    return true;
  }

  /** Looks again and again until nothing is wrong any more; gives what was seen last. */
  async lookUntil<T>(look: () => Promise<T>, isGood: (seen: T) => boolean, limitMs: number): Promise<T> {
    const { clock } = this.#deps;
    const endMs = clock.monotonic() + limitMs;
    for (;;) {
      const seen = await look();
      if (isGood(seen) || clock.monotonic() >= endMs) return seen;
      await clock.sleep(LOOK_MS);
    }
  }

  /** Where a secret was written down or published, in words. */
  async leaks(): Promise<string[]> {
    const { witness, site } = this.#deps;
    const cloudLog = await readFile(site.cloudLogFile, 'utf8');
    const logs = [this.#output.join(''), cloudLog, ...witness.lines.slice(this.#linesBefore)].join('\n');
    const leaks = this.#secrets.in(logs).map((name) => `${name} in a log`);
    for (const { topic, payload } of witness.published.slice(this.#publishedBefore)) {
      // The one place where a token belongs.
      const mayHoldToken = topic.includes('/provisioning-templates/');
      const found = this.#secrets.in(payload).filter((name) => !(mayHoldToken && name === 'ownership token'));
      leaks.push(...found.map((name) => `${name} published to ${topic}`));
    }
    return [...new Set(leaks)];
  }

  async stop(): Promise<void> {
    this.#unlisten();
    this.#watch.stop();
    await this.#process?.kill();
  }

  /** Leaves for people what they need to understand it. */
  async keep(): Promise<void> {
    this.#isKept = true;
    const keep = (name: string, text: string) => writeFile(path.join(this.hub.dir, name), text, { mode: 0o600 });
    await keep('history.txt', `${this.history.lines.join('\n')}\n`);
    await keep('hub.log', this.#output.join(''));
    await keep('stand-in.log', this.#deps.witness.lines.slice(this.#linesBefore).join(''));
    await keep('cloud.log', await readFile(this.#deps.site.cloudLogFile, 'utf8'));
  }

  /** Takes everything down, the folder too if nobody wants to keep it. */
  async close(): Promise<void> {
    await this.stop();
    await this.hub.stop();
    if (!this.#isKept) await rm(this.hub.dir, { recursive: true, force: true });
  }

  #saw(sighting: Sighting): void {
    const { claim, thingName } = this.hub;
    const speaker: Speaker = sighting.clientId === thingName ? 'thing' : 'claimant';
    if (speaker === 'claimant' && sighting.certificateId !== claim.certificateId) return;
    this.history.note(`${speaker}: ${sighting.what} ${sighting.operation ?? ''}`.trimEnd());
    this.#listeners.onSighting?.(sighting, speaker);
  }
}
