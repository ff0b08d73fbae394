import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { built } from '../../device-sim/household/built.js';
import type { Clock } from '../../hardware/index.js';
import type { FleetSite, MadeHub } from '../support/fleet-site.js';
import { HubRun } from '../support/hub-run.js';
import { checkHub } from './check-hub.js';
import { type Disturbance, describeDisturbance, type Speaker } from './disturbance.js';
import { History } from './history.js';
import { IdentityWatch } from './identity-watch.js';
import { Secrets } from './secrets.js';
import type { Sighting, Witness } from './witness.js';

export type RoundDeps = {
  readonly site: FleetSite;
  readonly witness: Witness;
  /** Where rounds keep their files. */
  readonly dir: string;
  /** What an undisturbed run takes. */
  readonly undisturbedMs: number;
  readonly clock: Clock;
};

export type RoundResult = {
  readonly number: number;
  readonly disturbance: string;
  readonly problems: readonly string[];
  readonly orphans: number;
  readonly keysLeaked: number;
  /** From power on to ACTIVE and online, whatever came between. */
  readonly tookMs: number;
  /** With history, log and files; there only if something is not as it must be. */
  readonly folder: string | undefined;
};

/** A hub that has not become ACTIVE by then is stranded. */
const ROUND_LIMIT_MS = 60_000;
/** For what the cloud has to tidy up behind a hub that is online. */
const TIDY_LIMIT_MS = 90_000;
const POLL_MS = 10;
const DEAD_LINK_MS = 1_000;
/** From here on a technician who has put things right pulls the hub's plug and puts it in again. */
const TECHNICIAN_MS = 4_000;
export const HASTY_HUB = built('test', 'fault', 'hasty-hub', 'main.js');

/** Lets one new hub become a member of the fleet while one thing goes wrong, and looks at what came of it. */
export async function provisioningRound(
  number: number,
  disturbance: Disturbance,
  deps: RoundDeps,
): Promise<RoundResult> {
  const dir = path.join(deps.dir, `round-${number}`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const hub = await deps.site.makeHub(dir);
  const round = new Round(hub, disturbance, deps);
  try {
    const result = await round.run();
    const isGood = result.problems.length === 0 && result.orphans === 0 && result.keysLeaked === 0;
    if (isGood) await rm(dir, { recursive: true, force: true });
    else await round.keep();
    return { number, disturbance: describeDisturbance(disturbance), ...result, folder: isGood ? undefined : dir };
  } finally {
    await round.stop();
    await hub.stop();
  }
}

class Round {
  readonly #hub: MadeHub;
  readonly #disturbance: Disturbance;
  readonly #deps: RoundDeps;
  readonly #history: History;
  readonly #secrets = new Secrets();
  readonly #watch: IdentityWatch;
  readonly #problems: string[] = [];
  readonly #output: string[] = [];
  readonly #linesBefore: number;
  readonly #publishedBefore: number;
  readonly #struck = new AbortController();
  readonly #unlisten: () => void;
  #process: HubRun | undefined;

  constructor(hub: MadeHub, disturbance: Disturbance, deps: RoundDeps) {
    this.#hub = hub;
    this.#disturbance = disturbance;
    this.#deps = deps;
    this.#history = new History(deps.clock);
    this.#linesBefore = deps.witness.lines.length;
    this.#publishedBefore = deps.witness.published.length;
    this.#secrets.addKey('claim key', hub.claim.keyPem);
    for (const secret of deps.site.secrets) this.#secrets.add('bearer token', secret);
    this.#unlisten = deps.witness.listen((sighting) => this.#saw(sighting));
    this.#watch = new IdentityWatch({
      dataDir: path.dirname(hub.identityDir),
      identityDir: hub.identityDir,
      onPhase: (phase) => {
        this.#history.note(`state ${phase}`);
        if (disturbance.kind === 'kill-after-state' && disturbance.phase === phase) this.#strike();
      },
      onKey: (keyPem) => this.#secrets.addKey('device key', keyPem),
      onToken: (token) => this.#secrets.add('ownership token', token),
      onDamage: (what) => this.#problems.push(what),
    });
  }

  async run(): Promise<Pick<RoundResult, 'problems' | 'orphans' | 'keysLeaked' | 'tookMs'>> {
    const { clock, site } = this.#deps;
    this.#history.note(`to go wrong: ${describeDisturbance(this.#disturbance)}`);
    this.#arm();
    this.#watch.start();
    const startMs = clock.monotonic();
    this.#powerOn();
    await this.#disturb();
    const isDone = await this.#until(() => this.#isDone(), ROUND_LIMIT_MS);
    const tookMs = clock.monotonic() - startMs;
    this.#history.note(isDone ? 'ACTIVE, online, claim key gone' : `not there in ${ROUND_LIMIT_MS} ms`);
    let check = await checkHub(this.#hub, site.iotCore);
    if (check.orphans > 0) {
      const { admin } = site.iotCore;
      const attached = () => admin.certificates().filter((one) => one.thingName === this.#hub.thingName);
      await this.#until(() => attached().filter(({ status }) => status === 'ACTIVE').length === 1, TIDY_LIMIT_MS);
      check = await checkHub(this.#hub, site.iotCore);
    }
    await this.stop();
    if (this.#mustStrike() && !this.#struck.signal.aborted) this.#problems.push('what was to go wrong did not');
    const leaks = await this.#leaks();
    const problems = [...new Set([...this.#problems, ...check.problems])];
    for (const what of [...problems, ...leaks]) this.#history.note(`NOT AS IT MUST BE: ${what}`);
    if (check.orphans > 0) this.#history.note(`NOT AS IT MUST BE: ${check.orphans} orphans`);
    return { problems, orphans: check.orphans, keysLeaked: leaks.length, tookMs };
  }

  async stop(): Promise<void> {
    this.#unlisten();
    this.#watch.stop();
    await this.#process?.kill();
  }

  /** Leaves for people what they need to understand it. */
  async keep(): Promise<void> {
    const file = (name: string, text: string) => writeFile(path.join(this.#hub.dir, name), text, { mode: 0o600 });
    await file('history.txt', `${this.#history.lines.join('\n')}\n`);
    await file('hub.log', this.#output.join(''));
    await file('stand-in.log', this.#deps.witness.lines.slice(this.#linesBefore).join(''));
    await file('cloud.log', await readFile(this.#deps.site.cloudLogFile, 'utf8'));
  }

  #powerOn(): void {
    this.#history.note('power on');
    const { env } = this.#hub.spec;
    this.#process = HubRun.start({ script: HASTY_HUB, env }, (piece) => void this.#output.push(piece));
  }

  #arm(): void {
    if (this.#disturbance.kind !== 'fault') return;
    const { faults, speaker } = this.#disturbance;
    const { claim, thingName } = this.#hub;
    const aim = speaker === 'claimant' ? { certificateId: claim.certificateId } : { clientId: thingName };
    this.#deps.site.iotCore.admin.faults.arm(...faults.map((fault) => ({ ...fault, ...aim })));
  }

  async #disturb(): Promise<void> {
    const { kind } = this.#disturbance;
    if (kind === 'none') return;
    if (kind === 'kill-at') {
      await this.#deps.clock.sleep(this.#disturbance.part * this.#deps.undisturbedMs);
      this.#strike();
    } else if (!(await this.#until(() => this.#struck.signal.aborted || this.#isDone(), ROUND_LIMIT_MS))) return;
    if (kind === 'fault') await this.#mend();
    else await this.#replug();
  }

  async #replug(): Promise<void> {
    await this.#process?.kill();
    // Its connection may outlive it for a moment, and is not to be taken for that of its next life.
    await this.#until(() => !this.#isOnline(), DEAD_LINK_MS);
    this.#history.note(`the hub is gone, its state is ${this.#watch.phase}`);
    this.#powerOn();
  }

  /** What no hub can put right by itself, a technician does: a certificate that was revoked by mistake is good again. */
  async #mend(): Promise<void> {
    if (this.#disturbance.kind !== 'fault') return;
    if (!this.#disturbance.faults.some((fault) => fault.kind === 'certificate-revoked')) return;
    const { admin } = this.#deps.site.iotCore;
    await this.#deps.clock.sleep(POLL_MS);
    const { thingName, claim } = this.#hub;
    for (const { certificateId, status, ...one } of admin.certificates()) {
      const isOurs = certificateId === claim.certificateId || one.thingName === thingName;
      if (isOurs && status === 'REVOKED') admin.setCertificateStatus(certificateId, 'ACTIVE');
    }
    this.#history.note('the certificate is good again');
    if (await this.#until(() => this.#isDone(), TECHNICIAN_MS)) return;
    this.#history.note('the technician pulls the plug');
    await this.#replug();
  }

  #saw({ what, clientId, certificateId, operation }: Sighting): void {
    const { claim, thingName } = this.#hub;
    const speaker: Speaker = clientId === thingName ? 'thing' : 'claimant';
    if (speaker === 'claimant' && certificateId !== claim.certificateId) return;
    this.#history.note(`${speaker}: ${what} ${operation ?? ''}`.trimEnd());
    const { kind } = this.#disturbance;
    if (kind === 'fault' && what === 'struck') this.#struck.abort();
    if (kind !== 'kill-at-request' || this.#disturbance.speaker !== speaker) return;
    if (what === 'connected' && this.#disturbance.operation === 'Connect') this.#strike();
    if (what === 'request' && this.#disturbance.operation === operation) this.#strike();
  }

  /** At once, in the turn in which it was seen. */
  #strike(): void {
    if (this.#struck.signal.aborted) return;
    this.#struck.abort();
    this.#history.note('SIGKILL');
    void this.#process?.kill();
  }

  #mustStrike(): boolean {
    return this.#disturbance.kind !== 'none';
  }

  #isDone(): boolean {
    return this.#watch.phase === 'ACTIVE' && !existsSync(this.#hub.claimKeyFile) && this.#isOnline();
  }

  #isOnline(): boolean {
    const { thingName } = this.#hub;
    return this.#deps.site.iotCore.admin.clients().some(({ clientId }) => clientId === thingName);
  }

  async #until(isSo: () => boolean, limitMs: number): Promise<boolean> {
    const { clock } = this.#deps;
    const endMs = clock.monotonic() + limitMs;
    while (!isSo()) {
      if (clock.monotonic() >= endMs) return false;
      await clock.sleep(POLL_MS);
    }
    return true;
  }

  async #leaks(): Promise<string[]> {
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
}
