import { asc, eq, inArray, lte } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import { certificate } from '../device/tables.js';
import { withinLimit } from '../within-limit.js';
import type { IotControl } from './iot-control.js';
import { iotTask } from './tables.js';

type Task = typeof iotTask.$inferSelect;

const POLL_MS = 15_000;
const TASKS_PER_ROUND = 10;
/** For one task, which is three requests. */
export const TASK_LIMIT_MS = 30_000;
/** A worker that dies with tasks in its hands leaves them to others after this long, and one that lives is done by then. */
export const LEASE_MS = TASKS_PER_ROUND * TASK_LIMIT_MS + 60_000;
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

  /** Waits for nothing that AWS IoT has not answered: what is left undone is due again at once. */
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
    const undone: string[] = [];
    for (const task of tasks) {
      if (this.#isStopping || !(await this.#perform(task))) undone.push(task.id);
    }
    if (undone.length > 0) await this.#giveBack(undone);
    return tasks.length - undone.length;
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
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

  /** False if the service stopped before AWS IoT had answered. */
  async #perform(task: Task): Promise<boolean> {
    const { db, clock, log, metrics } = this.#context;
    const { id, certificateId, thingName } = task;
    try {
      await withinLimit(clock, TASK_LIMIT_MS, (over) => this.#retire(task, over));
    } catch (error) {
      if (this.#isStopping) return false;
      await this.#postpone(task, error);
      return true;
    }
    await asSystem(db, async (tx) => {
      await tx.delete(iotTask).where(eq(iotTask.id, id));
      const deactivatedAt = new Date(clock.now());
      await tx.update(certificate).set({ deactivatedAt }).where(eq(certificate.id, certificateId));
    });
    metrics.count('inklet_iot_tasks_total', { outcome: 'done' });
    log.info({ certificateId, thingName }, 'AWS IoT has deactivated and detached a certificate');
    return true;
  }

  /** Ends when it is told to, whatever AWS and its SDK still wait for. */
  async #retire({ certificateId, thingName }: Task, over: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([over, this.#stopping.signal]);
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    await Promise.race([this.#control.retire({ certificateId, thingName }, signal), ended]);
  }

  async #giveBack(ids: readonly string[]): Promise<void> {
    const { db, clock } = this.#context;
    const dueAt = new Date(clock.now());
    await asSystem(db, (tx) => tx.update(iotTask).set({ dueAt }).where(inArray(iotTask.id, ids)));
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
