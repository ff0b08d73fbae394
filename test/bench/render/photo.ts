import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { photo12Megapixel } from '../../support/photo.js';
import { type Figure, quantile } from '../figure.js';
import { benchPillow } from './pillow.js';
import { flagsOf, type Measured, MeasuredSchema, type Workload } from './workload.js';

const run = promisify(execFile);
const APART = fileURLToPath(new URL('./photo-apart/main.js', import.meta.url));
const WARM_UPS = 3;
const ROUNDS = 25;
/** Node frees pixels when it has time to: what one picture takes shows in the first round alone. */
const MEMORY_ROUNDS = 1;
const MORE_ROUNDS = 20;
const AIM_PEAK_MB = 100;
const KIB_PER_MB = 1000 / 1.024;
/** As the service of the hub sets it, in which pictures are drawn. */
const SERVICE_ENV = { MALLOC_MMAP_THRESHOLD_: '32768' };

const MONO = ['black', 'white'];
const GREYS = ['black', 'dark-grey', 'light-grey', 'white'];
const SIX = ['black', 'white', 'yellow', 'red', 'blue', 'green'];

const SHAPES = [
  { name: 'mono 800x480', width: 800, height: 480, inks: MONO, mode: 'normal', aimRatio: 1.25 },
  { name: '4 greys 800x480', width: 800, height: 480, inks: GREYS, mode: 'normal', aimRatio: 1.25 },
  { name: '6 inks 800x480', width: 800, height: 480, inks: SIX, mode: 'normal', aimRatio: 1.5 },
  { name: '6 inks 1600x1200', width: 1600, height: 1200, inks: SIX, mode: 'normal', aimRatio: 1.8 },
  { name: '6 inks 1200x1600', width: 1200, height: 1600, inks: SIX, mode: 'normal', aimRatio: 1.8 },
  { name: '6 inks 800x480 stable', width: 800, height: 480, inks: SIX, mode: 'stable', aimRatio: null },
] as const;

/** A 12-megapixel JPEG to a packed frame; beside it, sharp's decoding and resizing of the same file in the same rounds. */
export async function benchPhoto(): Promise<Figure[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-bench-'));
  try {
    const photo = path.join(dir, 'photo.jpg');
    await writeFile(photo, await photo12Megapixel());
    const figures: Figure[] = [];
    for (const { name, aimRatio, ...shape } of SHAPES) {
      const workload = { ...shape, photo, warmUps: WARM_UPS };
      const { ours, yardstick } = await measured({ ...workload, rounds: ROUNDS, besides: true });
      const once = await measured({ ...workload, warmUps: 0, rounds: MEMORY_ROUNDS, besides: false });
      const plain = await measured({ ...workload, warmUps: 0, rounds: MEMORY_ROUNDS, besides: false }, {});
      const often = await measured({ ...workload, warmUps: 0, rounds: MORE_ROUNDS, besides: false });
      const ratios = ours.map((ms, round) => (ms / (yardstick[round] ?? ms)) * 100);
      figures.push({
        what: `12-megapixel JPEG to packed frame, ${name}`,
        unit: 'ms',
        samples: ROUNDS,
        p50: quantile(ours, 0.5),
        sharpDecodeAndResizeP50: quantile(yardstick, 0.5),
        ratio: Math.round(quantile(ratios, 0.5)) / 100,
        aimRatio,
        peakMb: Math.round(once.peakKib / KIB_PER_MB),
        aimPeakMb: AIM_PEAK_MB,
        peakMbWithoutServiceSettings: Math.round(plain.peakKib / KIB_PER_MB),
        peakMbAfterTwenty: Math.round(often.peakKib / KIB_PER_MB),
        ...(await benchPillow(workload, quantile(ours, 0.5))),
      });
    }
    return figures;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measured(workload: Workload, env: NodeJS.ProcessEnv = SERVICE_ENV): Promise<Measured> {
  const { stdout } = await run(process.execPath, [APART, ...flagsOf(workload)], { env });
  return MeasuredSchema.parse(JSON.parse(stdout));
}
