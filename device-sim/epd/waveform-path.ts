/** How long it takes at the full voltage from black to white: ours, a little shorter than the shortest waveforms known. */
const SWING_MS = 200;

/** What a waveform does to a pixel: its lightness moves, and is held up at black and at white. */
export interface WaveformPath {
  readonly move: number;
  readonly lowest: number;
  readonly highest: number;
}

/** One level for a time: -1 drives to black at the full voltage, 1 to white, 0 not at all. */
export interface WaveformStep {
  readonly level: number;
  readonly ms: number;
}

/** All the steps of a waveform as one. Each moves and is held up, and so does any number of them after one another. */
export function waveformPath(steps: Iterable<WaveformStep>): WaveformPath {
  let [move, lowest, highest] = [0, 0, 1];
  for (const { level, ms } of steps) {
    const by = (level * ms) / SWING_MS;
    move += by;
    lowest = limited(lowest + by);
    highest = limited(highest + by);
  }
  return { move, lowest, highest };
}

/** What a pixel of such a lightness ends as; undefined if it is not driven at all. */
export function endOf({ move, lowest, highest }: WaveformPath, lightness: number): number | undefined {
  if (move === 0 && lowest === 0 && highest === 1) return undefined;
  return Math.min(highest, Math.max(lowest, lightness + move));
}

function limited(lightness: number): number {
  return Math.min(1, Math.max(0, lightness));
}
