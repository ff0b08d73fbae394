import { existsSync } from 'node:fs';
import type { RoundDeps } from './campaign.js';
import { checkHub } from './check-hub.js';
import { type CommitRefuser, startCommitRefuser } from './commit-refuser.js';
import { type Disturbance, describeDisturbance, leadsBack } from './disturbance.js';
import { HubOnTrial } from './hub-on-trial.js';
import { canConnect, hasWorkingPair } from './pairs-on-disk.js';
import { judge, type RoundResult } from './round-result.js';
import { Striker } from './striker.js';

export type RotationResult = RoundResult & {
  readonly outcome: 'rotated' | 'rolled-back' | 'stranded';
  /** At some moment no pair on the disk was one that AWS IoT lets in. */
  readonly wasWithoutPair: boolean;
};

const ROUND_LIMIT_MS = 150_000;
/** Of ten hubs one asks itself, whose certificate is older than a hundred-thousandth of a day; it looks only now and then. */
const ASKED_BY = ['job', 'command', 'job', 'command', 'job', 'command', 'job', 'command', 'job', 'age'] as const;
const AGE = { INKLET_ROTATE_AFTER_DAYS: '0.00001', HASTY_HUB_MONOTONIC: 'steady' };
const NEVER = { INKLET_ROTATE_AFTER_DAYS: '0' };

/** Lets a hub of the fleet change its key while one thing goes wrong, and looks at what came of it. */
export async function rotationRound(
  number: number,
  disturbance: Disturbance,
  deps: RoundDeps,
): Promise<RotationResult> {
  const trial = await HubOnTrial.make(`round-${number}`, deps);
  const round = new RotationRound(trial, disturbance, deps);
  try {
    const result = await round.run(
      // Those that are undisturbed have negative numbers.
      ASKED_BY[number < 0 ? 0 : number % ASKED_BY.length] ?? 'job',
    );
    if (!result.isGood) await trial.keep();
    const folder = result.isGood ? undefined : trial.hub.dir;
    return { number, disturbance: describeDisturbance(disturbance), ...result, folder };
  } finally {
    await trial.close();
    await round.close();
  }
}

class RotationRound {
  readonly #trial: HubOnTrial;
  readonly #disturbance: Disturbance;
  readonly #deps: RoundDeps;
  readonly #striker: Striker;
  #settings: Record<string, string> = NEVER;
  #refuser: CommitRefuser | undefined;
  #firstCertificateId: string | undefined;
  #isArmed = false;
  #hasBegun = false;
  #wasWithoutPair = false;

  constructor(trial: HubOnTrial, disturbance: Disturbance, deps: RoundDeps) {
    this.#trial = trial;
    this.#disturbance = disturbance;
    this.#deps = deps;
    this.#striker = new Striker(trial, disturbance, { ...deps, limitMs: ROUND_LIMIT_MS });
  }

  async run(askedBy: (typeof ASKED_BY)[number]) {
    const { clock } = this.#deps;
    const trial = this.#trial;
    trial.history.note(`asked for by ${askedBy}, to go wrong: ${describeDisturbance(this.#disturbance)}`);
    await this.#becomeActive();
    this.#listen();
    if (askedBy === 'age') await this.#restartOld();
    else await this.#order(askedBy);
    const startMs = clock.monotonic();
    await this.#striker.seeThrough(
      () => this.#isDone(),
      () => this.#powerBack(),
    );
    const isThere = await trial.until(() => this.#isDone(), ROUND_LIMIT_MS);
    const tookMs = clock.monotonic() - startMs;
    trial.history.note(isThere ? 'settled and online' : `not there in ${ROUND_LIMIT_MS} ms`);
    const found = await judge(trial, this.#striker, this.#disturbance, () =>
      checkHub(trial.hub, this.#deps.site.iotCore),
    );
    const outcome = this.#outcome(isThere);
    const ofOutcome = problemsOfOutcome(outcome, this.#disturbance);
    for (const what of ofOutcome) trial.history.note(`NOT AS IT MUST BE: ${what}`);
    const problems = [...found.problems, ...ofOutcome];
    const isGood = found.isGood && problems.length === 0 && !this.#wasWithoutPair;
    return { ...found, problems, isGood, tookMs, outcome, wasWithoutPair: this.#wasWithoutPair };
  }

  async close(): Promise<void> {
    await this.#refuser?.stop();
  }

  async #becomeActive(): Promise<void> {
    const trial = this.#trial;
    const { INKLET_CLOUD_URL: cloudUrl } = trial.hub.spec.env;
    if (this.#disturbance.kind === 'commit-refused' && cloudUrl !== undefined) {
      this.#refuser = await startCommitRefuser(cloudUrl, () => this.#striker.onCommitRefused());
      this.#settings = { ...NEVER, INKLET_CLOUD_URL: this.#refuser.url };
    }
    trial.powerOn(this.#settings);
    const isOnline = () => trial.phase === 'ACTIVE' && !existsSync(trial.hub.claimKeyFile) && trial.isOnline();
    await trial.until(isOnline, ROUND_LIMIT_MS);
    this.#firstCertificateId = trial.certificateId;
  }

  #listen(): void {
    const look = () => this.#lookAtPairs();
    this.#trial.listen({
      onPhase: (phase) => {
        if (phase !== 'ACTIVE') this.#hasBegun = true;
        look();
        this.#striker.onPhase(phase);
      },
      onSighting: (sighting, speaker) => {
        look();
        if (this.#isArmed) this.#striker.onSighting(sighting, speaker);
        // Not before: what is to go wrong is for the hub that changes its key, and not for its start.
        else if (sighting.what === 'connected' && speaker === 'thing') this.#arm();
      },
      onFiles: look,
    });
  }

  /** The certificate has come of age while the hub was off. */
  async #restartOld(): Promise<void> {
    await this.#trial.powerOff();
    this.#settings = { ...this.#settings, ...AGE };
    this.#trial.powerOn(this.#settings);
    await this.#trial.until(() => this.#hasBegun, ROUND_LIMIT_MS);
  }

  async #order(by: 'job' | 'command'): Promise<void> {
    this.#arm();
    const { iotCore, orderRotation } = this.#deps.site;
    const { hwId, thingName } = this.#trial.hub;
    if (by === 'command') return await orderRotation(hwId);
    const jobId = `rotate-${thingName}`;
    iotCore.admin.jobs.create({ jobId, document: { op: 'rotate' }, targets: [thingName] });
  }

  #arm(): void {
    this.#isArmed = true;
    this.#striker.arm();
  }

  /** Before it goes on, the hub's pairs are tried in earnest. */
  async #powerBack(): Promise<void> {
    const { hub, history } = this.#trial;
    if (!(await canConnect(hub, this.#deps.site.iotCore))) {
      this.#wasWithoutPair = true;
      history.note('NOT AS IT MUST BE: no pair on the disk connects');
    }
    this.#trial.powerOn(this.#settings);
  }

  #isDone(): boolean {
    const trial = this.#trial;
    return this.#hasBegun && trial.phase === 'ACTIVE' && trial.isOnlineWith(trial.certificateId);
  }

  /** At every moment that anybody sees. */
  #lookAtPairs(): void {
    if (this.#wasWithoutPair || hasWorkingPair(this.#trial.hub, this.#deps.site.iotCore)) return;
    this.#wasWithoutPair = true;
    this.#trial.history.note('NOT AS IT MUST BE: no pair that works');
  }

  #outcome(isThere: boolean): RotationResult['outcome'] {
    if (!isThere) return 'stranded';
    return this.#trial.certificateId === this.#firstCertificateId ? 'rolled-back' : 'rotated';
  }
}

function problemsOfOutcome(outcome: RotationResult['outcome'], disturbance: Disturbance): string[] {
  const back = leadsBack(disturbance);
  const isRight = back === 'may' ? outcome !== 'stranded' : outcome === (back === 'must' ? 'rolled-back' : 'rotated');
  return isRight ? [] : [`it is ${outcome}`];
}
