import { z } from 'zod';
import type { Clock } from '../../../hardware/index.js';
import { SimError } from '../../errors.js';
import type { JsonObject } from '../json.js';
import { StateFile } from '../state-file.js';
import type { Timers } from '../timers.js';
import type { JobEvents, JobState } from './job-events.js';
import { type Execution, ExecutionSchema, isPending, type Job, JobSchema } from './job-execution.js';

const JOB_ID = /^[a-zA-Z0-9_-]{1,64}$/;
const MAX_DOCUMENT_BYTES = 32 * 1024;
/** When a change that could not be written is tried again. */
const RETRY_MS = 10_000;

const StateSchema = z.object({
  version: z.literal(1),
  jobs: z.array(JobSchema),
  /** In the order in which they were queued. */
  executions: z.array(ExecutionSchema),
});

/** What things are to do. */
export interface JobOrder {
  /** 1 to 64 letters, digits, - or _. */
  readonly jobId: string;
  /** At most 32 KB as JSON. */
  readonly document: JsonObject;
  /** Names of things. */
  readonly targets: readonly string[];
}

interface JobsDeps {
  readonly file: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly hasThing: (thingName: string) => boolean;
  readonly events: Pick<JobEvents, 'executionEnded' | 'cancellationBegan' | 'jobEnded'>;
}

/** Jobs and what became of them on each thing. Source: AWS IoT developer guide, "Jobs". */
export class Jobs {
  /** Hears of every change to what one thing has to do. */
  onChange: (thingName: string, before: readonly Execution[], after: readonly Execution[]) => void = () => undefined;
  readonly #deps: JobsDeps;
  readonly #stored: StateFile<z.infer<typeof StateSchema>>;
  #jobs: readonly Job[];
  #executions: readonly Execution[];

  /** @throws SimError `iot.state-unreadable` */
  constructor(deps: JobsDeps) {
    this.#deps = deps;
    this.#stored = new StateFile(deps.file, StateSchema);
    const state = this.#stored.read();
    this.#jobs = state?.jobs ?? [];
    this.#executions = state?.executions ?? [];
    for (const execution of this.#executions) this.#watch(execution);
  }

  /**
   * Queues a job for things.
   * @throws SimError `iot.job-refused`
   */
  create({ jobId, document, targets }: JobOrder): void {
    const refuse = (why: string) => new SimError('iot.job-refused', why);
    if (!JOB_ID.test(jobId)) throw refuse(`"${jobId}" is not a job id`);
    if (this.#jobs.some((job) => job.jobId === jobId)) throw refuse(`job ${jobId} exists`);
    const bytes = Buffer.byteLength(JSON.stringify(document));
    if (bytes > MAX_DOCUMENT_BYTES) throw refuse(`a document of ${bytes} bytes, limit ${MAX_DOCUMENT_BYTES}`);
    const stranger = targets.find((thingName) => !this.#deps.hasThing(thingName));
    if (stranger !== undefined) throw refuse(`thing ${stranger} does not exist`);
    const at = this.nowS;
    const queued = [...new Set(targets)].map(
      (thingName): Execution => ({
        jobId,
        thingName,
        status: 'QUEUED',
        queuedAt: at,
        lastUpdatedAt: at,
        versionNumber: 1,
        executionNumber: 1,
      }),
    );
    this.#keep([...this.#jobs, { jobId, document, isCanceled: false }], [...this.#executions, ...queued]);
  }

  /**
   * Calls a job off where it has not begun, and with `force` where it runs.
   * @throws SimError `iot.not-found`
   */
  cancel(jobId: string, { force = false }: { force?: boolean } = {}): void {
    if (this.document(jobId) === undefined) throw new SimError('iot.not-found', `job ${jobId} does not exist`);
    const jobs = this.#jobs.map((job) => (job.jobId === jobId ? { ...job, isCanceled: true } : job));
    const executions = this.#executions.map((one) => {
      const isMeant = one.jobId === jobId && (one.status === 'QUEUED' || (force && one.status === 'IN_PROGRESS'));
      return isMeant ? this.#ended(one, 'CANCELED') : one;
    });
    this.#keep(jobs, executions, () => this.#deps.events.cancellationBegan(this.#stateOf(jobId)));
  }

  list(): readonly Job[] {
    return this.#jobs;
  }

  document(jobId: string): JsonObject | undefined {
    return this.#jobs.find((job) => job.jobId === jobId)?.document;
  }

  /** What became of a job on each of its things. */
  executions(jobId: string): Execution[] {
    return this.#executions.filter((execution) => execution.jobId === jobId);
  }

  execution(thingName: string, jobId: string): Execution | undefined {
    return this.#executions.find((one) => one.thingName === thingName && one.jobId === jobId);
  }

  /** What a thing has to do, what runs first, then as it was queued. */
  pending(thingName: string): Execution[] {
    return pendingOf(this.#executions, thingName);
  }

  /** Puts an execution in the place of the one before it, with the next version. */
  put(execution: Execution): Execution {
    const { jobId, thingName } = execution;
    const next = { ...execution, lastUpdatedAt: this.nowS, versionNumber: execution.versionNumber + 1 };
    const isSame = (one: Execution) => one.jobId === jobId && one.thingName === thingName;
    this.#keep(
      this.#jobs,
      this.#executions.map((one) => (isSame(one) ? next : one)),
    );
    this.#watch(next);
    return next;
  }

  get nowS(): number {
    return Math.floor(this.#deps.clock.now() / 1000);
  }

  #ended(execution: Execution, status: 'CANCELED' | 'TIMED_OUT'): Execution {
    const versionNumber = execution.versionNumber + 1;
    return { ...execution, status, versionNumber, lastUpdatedAt: this.nowS, timesOutMs: undefined };
  }

  /** A step that is not renewed in time ends the execution. */
  #watch({ jobId, thingName, timesOutMs }: Execution, atLeastMs = 0): void {
    if (timesOutMs === undefined) return;
    this.#deps.timers.after(Math.max(timesOutMs - this.#deps.clock.now(), atLeastMs), () => {
      const now = this.execution(thingName, jobId);
      if (now !== undefined && isPending(now) && now.timesOutMs === timesOutMs) this.#timeOut(now);
    });
  }

  /** Tried again and again: on a full disk nothing can be kept. */
  #timeOut(execution: Execution): void {
    try {
      this.#keep(
        this.#jobs,
        this.#executions.map((one) => (one === execution ? this.#ended(one, 'TIMED_OUT') : one)),
      );
    } catch (error) {
      this.#watch(execution, RETRY_MS);
      throw error;
    }
  }

  /** Written first: what cannot be written has not happened. */
  #keep(jobs: readonly Job[], executions: readonly Execution[], onKept: () => void = () => undefined): void {
    this.#stored.write({ version: 1, jobs: [...jobs], executions: [...executions] });
    const before = this.#executions;
    this.#jobs = jobs;
    this.#executions = executions;
    const changed = executions.filter((one) => !before.includes(one));
    for (const thingName of new Set(changed.map((one) => one.thingName))) {
      this.onChange(thingName, pendingOf(before, thingName), pendingOf(executions, thingName));
    }
    onKept();
    this.#tellOfEnds(changed.filter((one) => !isPending(one)));
  }

  #tellOfEnds(ended: readonly Execution[]): void {
    for (const execution of ended) this.#deps.events.executionEnded(execution);
    for (const jobId of new Set(ended.map((one) => one.jobId))) {
      const job = this.#stateOf(jobId);
      if (!job.executions.some(isPending)) this.#deps.events.jobEnded(job);
    }
  }

  #stateOf(jobId: string): JobState {
    const isCanceled = this.#jobs.some((job) => job.jobId === jobId && job.isCanceled);
    return { jobId, isCanceled, executions: this.executions(jobId) };
  }
}

function pendingOf(executions: readonly Execution[], thingName: string): Execution[] {
  const own = executions.filter((one) => one.thingName === thingName);
  return [...own.filter(({ status }) => status === 'IN_PROGRESS'), ...own.filter(({ status }) => status === 'QUEUED')];
}
