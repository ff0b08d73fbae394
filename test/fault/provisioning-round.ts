import { existsSync } from 'node:fs';
import type { RoundDeps } from './campaign.js';
import { checkHub } from './check-hub.js';
import { type Disturbance, describeDisturbance } from './disturbance.js';
import { HubOnTrial } from './hub-on-trial.js';
import { judge, type RoundResult } from './round-result.js';
import { Striker } from './striker.js';

/** A hub that has not become ACTIVE by then is stranded. */
const ROUND_LIMIT_MS = 60_000;

/** Lets one new hub become a member of the fleet while one thing goes wrong, and looks at what came of it. */
export async function provisioningRound(
  number: number,
  disturbance: Disturbance,
  deps: RoundDeps,
): Promise<RoundResult> {
  const { clock, site } = deps;
  const trial = await HubOnTrial.make(`round-${number}`, deps);
  const striker = new Striker(trial, disturbance, { ...deps, limitMs: ROUND_LIMIT_MS });
  const isDone = () => trial.phase === 'ACTIVE' && !existsSync(trial.hub.claimKeyFile) && trial.isOnline();
  try {
    trial.history.note(`to go wrong: ${describeDisturbance(disturbance)}`);
    trial.listen({
      onPhase: (phase) => striker.onPhase(phase),
      onSighting: (sighting, speaker) => striker.onSighting(sighting, speaker),
    });
    striker.arm();
    const startMs = clock.monotonic();
    trial.powerOn();
    await striker.seeThrough(isDone, () => trial.powerOn());
    const isThere = await trial.until(isDone, ROUND_LIMIT_MS);
    const tookMs = clock.monotonic() - startMs;
    trial.history.note(isThere ? 'ACTIVE, online, claim key gone' : `not there in ${ROUND_LIMIT_MS} ms`);
    const found = await judge(trial, striker, disturbance, () => checkHub(trial.hub, site.iotCore));
    if (!found.isGood) await trial.keep();
    const { dir } = trial.hub;
    return {
      number,
      disturbance: describeDisturbance(disturbance),
      ...found,
      tookMs,
      folder: found.isGood ? undefined : dir,
    };
  } finally {
    await trial.close();
  }
}
