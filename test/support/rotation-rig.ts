import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { deviceTopics } from '../../contract/index.js';
import { startIotCore } from '../../device-sim/index.js';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import { systemClock } from '../../hardware/index.js';
import { linkOpener } from '../../hub/cloud-link/link-opener.js';
import { PairLink } from '../../hub/rotation/pair-link.js';
import { RotationDoor } from '../../hub/rotation/rotation-door.js';
import type { ClaimRequests } from '../../provisioning/fleet/claim-link.js';
import { KeyStore, type RotatingLink, rotateHub, thingNameFor } from '../../provisioning/index.js';
import type { RotationDeps } from '../../provisioning/rotation/rotation-ports.js';
import { hastyClock } from './hasty-clock.js';
import { SILENT } from './hub-site.js';
import { mortal, Power, PowerCut } from './power-cut.js';
import { ThinCloud } from './thin-cloud.js';

const HW_ID = '00112233445566778899';
const THING = thingNameFor(HW_ID);
const SPEED = 10;
const clock = hastyClock(SPEED);
const random = () => 0.1;

/** A hub's key store, link and rotation on the stand-in, without the rest of a hub, which lose their power now and then. */
export class RotationRig {
  readonly core: IotCore;
  readonly cloud: ThinCloud;
  readonly #dir: string;
  readonly #keyStore: KeyStore;

  private constructor(dir: string, core: IotCore, cloud: ThinCloud) {
    this.#dir = dir;
    this.core = core;
    this.cloud = cloud;
    this.#keyStore = new KeyStore({ dir: path.join(dir, 'identity') });
  }

  static async open(): Promise<RotationRig> {
    const dir = await mkdtemp(path.join(tmpdir(), 'inklet-rotation-'));
    const core = await startIotCore({ dir: path.join(dir, 'iot'), host: '127.0.0.1', port: 0, clock: systemClock });
    core.admin.setHook(() => ({ allowProvisioning: true, parameterOverrides: { ThingName: THING } }));
    const rig = new RotationRig(dir, core, await ThinCloud.start(core));
    await rig.#provision();
    return rig;
  }

  async close(): Promise<void> {
    this.cloud.stop();
    await this.core.stop();
    await rm(this.#dir, { recursive: true });
  }

  /** Certificates of the thing that are good at AWS IoT. */
  active(): string[] {
    const ours = this.core.admin.certificates().filter(({ thingName }) => thingName === THING);
    return ours.filter(({ status }) => status === 'ACTIVE').map(({ certificateId }) => certificateId);
  }

  /** Pairs on the disk by which the hub gets in. */
  async workingPairs(): Promise<string[]> {
    const { current, next } = await this.#keyStore.pairs();
    const active = this.active();
    return [current, next].flatMap((pair) => pair?.certificateId ?? []).filter((id) => active.includes(id));
  }

  async current(): Promise<string | undefined> {
    return (await this.#keyStore.pairs()).current?.certificateId;
  }

  async next(): Promise<string | undefined> {
    return (await this.#keyStore.pairs()).next?.certificateId;
  }

  /** How far a rotation has come that is not over. */
  async stage(): Promise<string | undefined> {
    return (await this.#keyStore.pairs()).stage;
  }

  /** Starts, rotates or goes on with it, and ends; false if the power went. */
  async run(power: Power): Promise<boolean> {
    const identity = await this.#keyStore.identity();
    if (identity === undefined) return expect.unreachable();
    const iot = { endpoint: '127.0.0.1', port: this.core.port, caPem: this.core.caPem, mqttClient: 'mqtt.js' } as const;
    const open = linkOpener({ iot, clock, random, log: SILENT });
    const subscriptions = [deviceTopics(THING).command];
    const link = await open({ identity, subscriptions, onMessage: () => undefined });
    const pairLink = new PairLink({ link, pair: identity, clock, random });
    link.start();
    try {
      await rotateHub(this.#mortalDeps(pairLink, power), { reason: 'operator' });
      return true;
    } catch (error) {
      if (error instanceof PowerCut) return false;
      throw error;
    } finally {
      await pairLink.stop();
    }
  }

  #mortalDeps(pairLink: PairLink, power: Power): RotationDeps {
    const door = new RotationDoor({ baseUrl: this.cloud.url, fetch, clock });
    const moves = mortal<Pick<RotatingLink, 'moveTo' | 'stayWith'>>(pairLink, power);
    const link: RotatingLink = {
      requests: mortal<ClaimRequests>(pairLink.requests, power),
      get pair() {
        return pairLink.pair;
      },
      isConnected: () => pairLink.isConnected(),
      moveTo: (pair) => moves.moveTo(pair),
      stayWith: (pair) => moves.stayWith(pair),
    };
    const keyStore = mortal(this.#keyStore, power);
    return { keyStore, link, cloud: mortal(door, power), clock, random, log: SILENT, signal: power.signal };
  }

  async #provision(): Promise<void> {
    const { admin } = this.core;
    const { certificateId, certPem, keyPem } = await admin.createCertificate(THING, ['inklet-device']);
    admin.attachThing(THING, certificateId);
    await mkdir(path.join(this.#dir, 'identity'));
    await writeFile(path.join(this.#dir, 'identity', 'device-key.pem'), keyPem, { mode: 0o600 });
    await this.#keyStore.writeCertificate(certificateId, certPem);
    const hub = { hwId: HW_ID, model: 1, claimNonce: 'a nonce of 22 letters!', thingName: THING };
    await this.#keyStore.writeState({ phase: 'ACTIVE', ...hub, certificateId, deviceConfiguration: {} });
  }
}

/**
 * Rotates again and again, each time with a power cut at another instant, and lets the next start finish; gives how many
 * instants there were.
 */
export async function rotateThroughPowerCuts(rig: RotationRig, from: number, step: number): Promise<number> {
  for (let left = from; ; left += step) {
    const before = await rig.current();
    const wasWhole = await rig.run(new Power(left));
    expect(await rig.workingPairs(), `after a cut at instant ${left}`).not.toEqual([]);
    if ((await rig.stage()) !== undefined) await rig.run(new Power(Number.POSITIVE_INFINITY));
    const now = await rig.current();
    expect(rig.active(), `after the start that followed instant ${left}`).toEqual([now]);
    if (wasWhole) {
      expect(now).not.toBe(before);
      return left - step;
    }
  }
}
