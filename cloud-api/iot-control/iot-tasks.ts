import { asc, eq, inArray, lte } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import { certificate } from '../device/tables.js';
import type { IotControl } from './iot-control.js';
import { iotTask } from './tables.js';

type Task = typeof iotTask.$inferSelect;

const POLL_MS = 15_000;
const TASKS_PER_ROUND = 10;
/** A worker that dies with a task in its hands leaves it to others after this long. */
const LEASE_MS = 60_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 15 * 60_000;

/** Tells AWS IoT what our tables have decided, until it has heard it. */
export class IotTasks {
  readonly #context: Pick<CloudContext, 'db' | 'clock' | 'log' | 'metrics'>;
  readonly #control: IotControl;
  readonly #stopping = new AbortController();
  #waking = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(context: Pick<CloudContext, 'db' | 'clock' | 'log' | 'metrics'>, control: IotControl) {
    this.#context = context;
    this.#control = control;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    this.#control.close();
  }

  /** There is something new to do. */
  wake(): void {
    this.#waking.abort();
  }

  /** Does what is due now, each once; answers how much that was. */
  async runDue(): Promise<number> {
    const tasks = await this.#lease();
    for (const task of tasks) await this.#perform(task);
    return tasks.length;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#waking = new AbortController();
      try {
        if ((await this.runDue()) > 0) continue;
      } catch (error) {
        this.#context.log.error({ err: error }, 'the tasks for AWS IoT cannot be read');
      }
      const until = AbortSignal.any([signal, this.#waking.signal]);
      // Woken and stopped both end the sleep.
      if (!until.aborted) await this.#context.clock.sleep(POLL_MS, until).catch(() => {});
    }
  }

  /** Takes tasks for a while, so that no transaction is open while AWS IoT is asked. */
  async #lease(): Promise<Task[]> {
    const { db, clock } = this.#context;
    const now = clock.now();
    return asSystem(db, async (tx) => {
      const due = await tx
        .select({ id: iotTask.id })
        .from(iotTask)
        .where(lte(iotTask.dueAt, new Date(now)))
        .orderBy(asc(iotTask.dueAt))
        .limit(TASKS_PER_ROUND)
        .for('update', { skipLocked: true });
      if (due.length === 0) return [];
      const ids = due.map(({ id }) => id);
      return tx
        .update(iotTask)
        .set({ dueAt: new Date(now + LEASE_MS) })
        .where(inArray(iotTask.id, ids))
        .returning();
    });
  }

  async #perform(task: Task): Promise<void> {
    const { db, clock, log, metrics } = this.#context;
    const { id, certificateId, thingName } = task;
    try {
      await this.#control.retire({ certificateId, thingName });
    } catch (error) {
      await this.#postpone(task, error);
      return;
    }
    await asSystem(db, async (tx) => {
      await tx.delete(iotTask).where(eq(iotTask.id, id));
      const deactivatedAt = new Date(clock.now());
      await tx.update(certificate).set({ deactivatedAt }).where(eq(certificate.id, certificateId));
    });
    metrics.count('inklet_iot_tasks_total', { outcome: 'done' });
    log.info({ certificateId, thingName }, 'AWS IoT has deactivated and detached a certificate');
  }

  async #postpone({ id, certificateId, thingName, attempts }: Task, error: unknown): Promise<void> {
    const { db, clock, log, metrics } = this.#context;
    const lastError = error instanceof Error ? error.message : String(error);
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** attempts, LONGEST_RETRY_MS);
    const change = { attempts: attempts + 1, lastError, dueAt: new Date(clock.now() + waitMs) };
    await asSystem(db, (tx) => tx.update(iotTask).set(change).where(eq(iotTask.id, id)));
    metrics.count('inklet_iot_tasks_total', { outcome: 'failed' });
    log.warn({ certificateId, thingName, attempts: attempts + 1, reason: lastError }, 'AWS IoT did not take a task');
  }
}
