import type { Perform } from '../../../hub/executor/executor.js';
import type { CommandResult, Envelope } from '../../../hub/storage/inbox.js';
import type { Store } from '../../../hub/storage/store.js';
import type { Told } from '../queue/history-writer.js';

type Deps = { hub: string; note: (told: Told) => void };

/** Lets what becomes of commands be noted. */
export function recordInbox({ database, inbox, boot }: Pick<Store, 'database' | 'inbox' | 'boot'>, deps: Deps): void {
  const { hub, note } = deps;
  const insert = inbox.insert.bind(inbox);
  const start = inbox.start.bind(inbox);
  const finish = inbox.finish.bind(inbox);
  Object.assign(inbox, {
    insert: (envelope: Envelope, command: Parameters<typeof insert>[1]): void => {
      insert(envelope, command);
      const { cmdId: cmd, gen, downSeq, slot, rev } = envelope;
      const { kind, remainingMs: spanMs } = command;
      const at = { boot: boot.id, bootMs: boot.now().monoMs };
      const place = { cmd, gen, downSeq, slot, rev, spanMs, tombstone: kind === 'tombstone' };
      database.afterCommit(() => note({ step: 'cmd.recv', hub, ...at, ...place }));
    },
    start: (cmdId: string): void => {
      start(cmdId);
      note({ step: 'cmd.start', hub, cmd: cmdId });
    },
    finish: (cmdId: string, result: CommandResult): boolean => {
      const isEnded = finish(cmdId, result);
      if (isEnded) database.afterCommit(() => note({ step: 'cmd.result', hub, cmd: cmdId, state: result.state }));
      return isEnded;
    },
  });
}

/** Notes each effect right before it. */
export function recordedPerform(perform: Perform, { boot }: Pick<Store, 'boot'>, { hub, note }: Deps): Perform {
  return (command, signal, isOverdue) => {
    const { cmdId: cmd, slot, rev } = command;
    note({ step: 'cmd.effect', hub, boot: boot.id, bootMs: boot.now().monoMs, cmd, slot, rev });
    return perform(command, signal, isOverdue);
  };
}
