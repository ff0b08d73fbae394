import { Runs } from './runs.js';

/** What was drawn for one frame serves the next, which mostly says the same. */
export const keptRuns = new Runs();
