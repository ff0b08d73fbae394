import { z } from 'zod';

/** A photo on its way to a frame, for the process that measures it. */
export type Workload = {
  photo: string;
  width: number;
  height: number;
  inks: readonly string[];
  mode: 'stable' | 'normal';
  warmUps: number;
  rounds: number;
  /** Whether to measure the yardstick in the same rounds; it has memory of its own. */
  besides: boolean;
};

/** The workload as flags of that process, which is to load nothing that it does not draw with. */
export function flagsOf({ photo, width, height, inks, mode, warmUps, rounds, besides }: Workload): string[] {
  return [
    ...['--photo', photo, '--width', `${width}`, '--height', `${height}`, '--inks', inks.join(',')],
    ...['--warm-ups', `${warmUps}`, '--rounds', `${rounds}`],
    ...(mode === 'stable' ? ['--stable'] : []),
    ...(besides ? ['--besides'] : []),
  ];
}

/** What it answers: milliseconds of each round, and the most memory that was resident. */
export const MeasuredSchema = z.object({
  ours: z.array(z.number()),
  yardstick: z.array(z.number()),
  peakKib: z.number(),
});

export type Measured = z.infer<typeof MeasuredSchema>;
