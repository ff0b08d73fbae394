import { z } from 'zod';
import { ProvisioningError } from '../errors.js';
import { thingNameFor } from '../hw-id/index.js';
import { CLOUD_NAMES, CLOUD_USAGE, cloudFlags, cloudFrom } from './cloud/cloud-flags.js';
import type { Command } from './command.js';
import { EXIT } from './exit-codes.js';
import { badOption, readFlags } from './flags.js';
import type { HardwareRecord } from './journal/entry.js';
import { Journal } from './journal/journal.js';
import { pendingIn, registerPending } from './journal/register-pending.js';
import type { Output } from './output.js';
import { ORDER_NAMES, ORDER_USAGE, orderFlags, type Permit, permitFrom } from './tags/permit.js';
import { journalFlag } from './tags/tag-flags.js';

const FlagsSchema = z.object({ ...cloudFlags, ...orderFlags, journal: journalFlag });

/** Tells the cloud what was done while it could not be reached. */
export const sync: Command = {
  summary: 'tells the cloud of the hardware that was made or provisioned offline',
  usage: `--cloud URL (--operator-token-file FILE | --work-order FILE) [more]

  --journal FILE          what was done (inklet-journal.jsonl)
${CLOUD_USAGE}${ORDER_USAGE}`,
  run: async (argv, tool) => {
    const { flags } = readFlags(argv, { text: [...CLOUD_NAMES, ...ORDER_NAMES, 'journal'] }, FlagsSchema);
    const { clock, output, signal } = tool;
    const permit = await permitFrom(clock, flags);
    const cloud = await cloudFrom(tool, flags, permit.token);
    if (cloud === undefined) throw badOption('--cloud is needed');
    const journal = await Journal.open(flags.journal, clock);
    try {
      const pending = pendingIn(journal, { refusedToo: true });
      const told = (record: HardwareRecord) => tell(record, output);
      const allowed = pending.filter((record) => isAllowed(record, permit, output));
      await registerPending(allowed, { cloud, journal, told, signal }).catch((error: unknown) => {
        // What was registered before the network went is done.
        if (!(error instanceof ProvisioningError && error.code.startsWith('cloud.'))) throw error;
        output.failure(error.code, error.message);
      });
      const left = pendingIn(journal, { refusedToo: true }).length;
      const done = pending.length - left;
      const words = pending.length === 0 ? 'nothing to sync' : `${done} of ${pending.length} registered`;
      output.result({ ok: left === 0, registered: done, refused: left }, words);
      if (left === 0) return EXIT.done;
      return done === 0 ? EXIT.failed : EXIT.partly;
    } finally {
      await journal.close();
    }
  },
};

/** Without a work order, everything is. */
function isAllowed({ hwId, batch }: HardwareRecord, permit: Permit, output: Output): boolean {
  try {
    permit.require({ action: 'provision', hwId, batch });
    return true;
  } catch (error) {
    if (!(error instanceof ProvisioningError)) throw error;
    output.failure(error.code, error.message);
    return false;
  }
}

function tell({ hwId, registration }: HardwareRecord, output: Output): void {
  if (registration.state === 'refused') {
    output.problem('cloud.refused', `${thingNameFor(hwId)}: ${registration.code}: ${registration.message}`);
  }
  output.result(
    { hwId, ok: registration.state === 'registered', registration },
    `${thingNameFor(hwId)}: ${registration.state}`,
  );
}
