import { runPowerCuts } from '../power/power-cuts.js';
import type { MutantRow } from './mutant-table.js';

/** So small that the log is emptied into the file again and again. */
const WORK = { seed: 1, turns: 200, checkpointPages: 60 } as const;

/** Stores that sync less than ours: no schedule shows it while the power stays on. */
export async function powerMutantRows(states: number): Promise<MutantRow[]> {
  const rows: MutantRow[] = [];
  for (const synchronous of ['NORMAL', 'OFF'] as const) {
    const { bad } = await runPowerCuts({ ...WORK, synchronous }, states);
    const caught = bad === 0 ? undefined : { rounds: states, by: ['I9'] };
    rows.push({ name: `synchronous=${synchronous}`, breaks: 'I9', way: 'power cuts', caught });
  }
  return rows;
}
