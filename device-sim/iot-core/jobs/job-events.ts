import { arn } from '../arn.js';
import { type Execution, isPending } from './job-execution.js';

interface JobEventsDeps {
  /** AWS tells of jobs only where the account has asked for it. */
  readonly areOn: () => boolean;
  readonly publish: (topic: string, body: object) => void;
  readonly newEventId: () => string;
  readonly nowS: () => number;
}

/** One job with its executions as they are now. */
export interface JobState {
  readonly jobId: string;
  readonly isCanceled: boolean;
  readonly executions: readonly Execution[];
}

const COUNTED = {
  CANCELED: 'numberOfCanceledThings',
  SUCCEEDED: 'numberOfSucceededThings',
  FAILED: 'numberOfFailedThings',
  REJECTED: 'numberOfRejectedThings',
  REMOVED: 'numberOfRemovedThings',
  TIMED_OUT: 'numberOfTimedOutThings',
} as const;

/** Tells on `$aws/events/` what became of jobs. Source: AWS IoT developer guide, "Jobs events". */
export class JobEvents {
  readonly #deps: JobEventsDeps;

  constructor(deps: JobEventsDeps) {
    this.#deps = deps;
  }

  /** What one thing had to do is over. */
  executionEnded({ jobId, thingName, status, statusDetails }: Execution): void {
    this.#tell('jobExecution', 'JOB_EXECUTION', jobId, status.toLowerCase(), {
      thingArn: arn('thing', thingName),
      status,
      statusDetails,
    });
  }

  cancellationBegan(job: JobState): void {
    this.#tellOfJob('cancellation_in_progress', 'CANCELED', job, {});
  }

  /** No thing has anything left to do. */
  jobEnded(job: JobState): void {
    const status = job.isCanceled ? 'CANCELED' : 'COMPLETED';
    this.#tellOfJob(status.toLowerCase(), status, job, { completedAt: this.#deps.nowS() });
  }

  #tellOfJob(operation: string, status: string, { jobId, executions }: JobState, more: object): void {
    const counts = Object.entries(COUNTED).map(
      ([ended, name]) => [name, executions.filter((one) => one.status === ended).length] as const,
    );
    this.#tell('job', 'JOB', jobId, operation, {
      status,
      targetSelection: 'SNAPSHOT',
      targets: executions.map(({ thingName }) => arn('thing', thingName)),
      createdAt: Math.min(...executions.map(({ queuedAt }) => queuedAt)),
      lastUpdatedAt: this.#deps.nowS(),
      ...more,
      ...(executions.some(isPending) ? {} : { jobProcessDetails: Object.fromEntries(counts) }),
    });
  }

  #tell(topic: 'job' | 'jobExecution', eventType: string, jobId: string, operation: string, about: object): void {
    const { areOn, newEventId, nowS, publish } = this.#deps;
    if (!areOn()) return;
    const head = { eventType, eventId: newEventId(), timestamp: nowS(), operation, jobId };
    publish(`$aws/events/${topic}/${jobId}/${operation}`, { ...head, ...about });
  }
}
