import type { Clock } from '../../hardware/index.js';
import type { FleetSite } from '../support/fleet-site.js';
import { type Disturbance, hasReached, type Phase, type Speaker } from './disturbance.js';
import type { HubOnTrial } from './hub-on-trial.js';
import type { Sighting } from './witness.js';

export type StrikerDeps = {
  readonly site: FleetSite;
  readonly clock: Clock;
  /** What an undisturbed run takes. */
  readonly undisturbedMs: number;
  readonly limitMs: number;
};

/** Asked while the hub is off. */
type PowerOn = () => void | Promise<void>;

/** A hub whose certificate is good again gets so long before a technician pulls its plug and puts it in again. */
const TECHNICIAN_MS = 4_000;
const CLOUD_AWAY_MS = 1_500;
const SHORTLY_MS = 10;
const ANOTHER_TAG_MS = 3_000;
const NEXT_PAIR_REFUSED: Pick<Extract<Disturbance, { kind: 'fault' }>, 'faults' | 'speaker'> = {
  faults: [{ kind: 'certificate-revoked', operation: 'Connect' }],
  speaker: 'thing',
};

/** Lets one thing go wrong for one hub, at its moment, and what must be put right by people be put right. */
export class Striker {
  readonly #trial: HubOnTrial;
  readonly #disturbance: Disturbance;
  readonly #deps: StrikerDeps;
  #hasStruck = false;

  constructor(trial: HubOnTrial, disturbance: Disturbance, deps: StrikerDeps) {
    this.#trial = trial;
    this.#disturbance = disturbance;
    this.#deps = deps;
  }

  get hasStruck(): boolean {
    return this.#hasStruck;
  }

  /** From here on it may strike. */
  arm(): void {
    const disturbance = this.#disturbance;
    if (disturbance.kind !== 'fault' && disturbance.kind !== 'next-pair-refused') return;
    const { faults, speaker } = disturbance.kind === 'fault' ? disturbance : NEXT_PAIR_REFUSED;
    const { claim, thingName } = this.#trial.hub;
    const aim = speaker === 'claimant' ? { certificateId: claim.certificateId } : { clientId: thingName };
    this.#deps.site.iotCore.admin.faults.arm(...faults.map((fault) => ({ ...fault, ...aim })));
  }

  onPhase(phase: Phase): void {
    const disturbance = this.#disturbance;
    if (this.#hasStruck || !('phase' in disturbance) || !hasReached(phase, disturbance.phase)) return;
    if (disturbance.kind !== 'cloud-away') {
      this.#kill();
      return;
    }
    this.#hasStruck = true;
    this.#trial.hub.router.cut();
    this.#trial.history.note('the way to the cloud is cut');
  }

  onSighting({ what, operation }: Sighting, speaker: Speaker): void {
    const disturbance = this.#disturbance;
    const speakerOfFault = disturbance.kind === 'next-pair-refused' ? 'thing' : undefined;
    const strikes = disturbance.kind === 'fault' ? disturbance.speaker : speakerOfFault;
    if (strikes === speaker && what === 'struck') this.#hasStruck = true;
    if (disturbance.kind !== 'kill-at-request' || disturbance.speaker !== speaker) return;
    if (what === 'connected' && disturbance.operation === 'Connect') this.#kill();
    if (what === 'request' && disturbance.operation === operation) this.#kill();
  }

  onCommitRefused(): void {
    this.#hasStruck = true;
    this.#trial.history.note('a commit is refused');
  }

  /** Waits for the strike, and then for what people do about it; `isDone` ends the wait for what never strikes. */
  async seeThrough(isDone: () => boolean, powerOn: PowerOn): Promise<void> {
    const { clock, undisturbedMs, limitMs } = this.#deps;
    const disturbance = this.#disturbance;
    if (disturbance.kind === 'none') return;
    if (disturbance.kind === 'kill-at') {
      await clock.sleep(disturbance.part * undisturbedMs);
      this.#kill();
    } else if (!(await this.#trial.until(() => this.#hasStruck || isDone(), limitMs))) return;
    if (!this.#hasStruck || disturbance.kind === 'commit-refused') return;
    if (disturbance.kind === 'cloud-away') await this.#mendRouter();
    else if (disturbance.kind === 'fault') await this.#mendCertificate(disturbance.faults, isDone, powerOn);
    else if (disturbance.kind === 'next-pair-refused') await this.#restoreNextPair();
    else if (disturbance.kind === 'tag-gone') await this.#exchangeTag(disturbance.instead, powerOn);
    else await this.#replug(powerOn);
  }

  async #exchangeTag(instead: 'nothing' | 'another', powerOn: PowerOn): Promise<void> {
    const { reader, tag } = this.#trial.hub;
    const { site, clock } = this.#deps;
    await this.#trial.powerOff();
    if (instead === 'nothing') reader.remove();
    else reader.place(await site.makeTag());
    this.#trial.history.note(`${instead} lies on the reader`);
    await powerOn();
    if (instead === 'nothing') return;
    await clock.sleep(ANOTHER_TAG_MS);
    reader.place(tag);
    this.#trial.history.note('its own tag lies there again');
  }

  /** Once the hub has given it up, the next pair would do: whoever finds it is let in, until the cloud revokes it. */
  async #restoreNextPair(): Promise<void> {
    this.#setNextPair('REVOKED', 'INACTIVE');
    await this.#trial.until(() => this.#trial.phase === 'ACTIVE', this.#deps.limitMs);
    this.#setNextPair('INACTIVE', 'ACTIVE');
    this.#trial.history.note('the next certificate would be good');
  }

  #setNextPair(from: 'REVOKED' | 'INACTIVE', to: 'INACTIVE' | 'ACTIVE'): void {
    const { admin } = this.#deps.site.iotCore;
    const { hub } = this.#trial;
    for (const { certificateId, status, thingName } of admin.certificates()) {
      if (thingName === hub.thingName && status === from) admin.setCertificateStatus(certificateId, to);
    }
  }

  async #replug(powerOn: PowerOn): Promise<void> {
    await this.#trial.powerOff();
    await powerOn();
  }

  async #mendRouter(): Promise<void> {
    await this.#deps.clock.sleep(CLOUD_AWAY_MS);
    this.#trial.hub.router.mend();
    this.#trial.history.note('the way to the cloud is mended');
  }

  /** A claim certificate, or a hub's first one, that was revoked by mistake is made good again; a next one stays revoked. */
  async #mendCertificate(
    faults: Extract<Disturbance, { kind: 'fault' }>['faults'],
    isDone: () => boolean,
    powerOn: PowerOn,
  ): Promise<void> {
    if (!faults.some(({ kind }) => kind === 'certificate-revoked')) return;
    const { admin } = this.#deps.site.iotCore;
    const { claim } = this.#trial.hub;
    await this.#deps.clock.sleep(SHORTLY_MS);
    for (const { certificateId, status } of admin.certificates()) {
      const isOurs = certificateId === claim.certificateId || certificateId === this.#trial.certificateId;
      if (isOurs && status === 'REVOKED') admin.setCertificateStatus(certificateId, 'ACTIVE');
    }
    this.#trial.history.note('the hub’s certificate is good');
    if (await this.#trial.until(isDone, TECHNICIAN_MS)) return;
    this.#trial.history.note('a technician pulls the plug');
    await this.#replug(powerOn);
  }

  #kill(): void {
    if (this.#hasStruck) return;
    this.#hasStruck = true;
    this.#trial.pullPlug();
  }
}
