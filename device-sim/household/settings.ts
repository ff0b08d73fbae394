import type { Clock } from '../../hardware/index.js';
import type { Home } from './home.js';
import type { HouseholdPorts } from './ports.js';

/** What a household is started with. */
export type HouseholdSettings = {
  home: Home;
  panel: string;
  ports: HouseholdPorts;
  clock: Clock;
  /** The clock of the glass, which a benchmark lets run fast; the same as `clock` if absent. */
  glassClock?: Clock;
  /** PostgreSQL for the cloud; PGlite in the home if absent. */
  databaseUrl?: string | undefined;
  /** What every process is given besides its own settings: PATH and the like. */
  baseEnv: Readonly<Record<string, string>>;
  /** Told when a product leaves without having been asked to. */
  onProblem?: (problem: string) => void;
};
