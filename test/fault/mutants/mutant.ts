import type { QueueLimits } from '../../../hub/storage/queue-limits.js';
import type { InvariantId } from '../queue/checks.js';
import type { ActionName } from '../rig/actions.js';
import type { HubChange } from '../rig/hub-parts.js';
import type { CloudChange } from '../rig/rig-cloud.js';
import type { Script } from '../rig/script.js';

/** The real code with one thing wrong in it, and the promise that this breaks. */
export type Mutant = {
  name: string;
  breaks: InvariantId;
  hub?: HubChange;
  cloud?: CloudChange;
  /** What must happen more often, or not at all, for it to show soon; the true code is tried by the same. */
  weights?: Partial<Record<ActionName, number>>;
  limits?: QueueLimits;
  steps?: number;
  /** The history alone shows it: nobody waits until all is quiet. */
  endsAtOnce?: boolean;
} & (
  | {
      /** A seed whose schedule shows it. */
      seed: number;
    }
  | {
      /** Chance alone does not lead there soon. */
      script: Script;
    }
);
