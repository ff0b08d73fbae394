import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../../hardware/index.js';
import type { JsonObject } from '../json.js';
import type { Service, ServiceRequest } from '../reserved-topics.js';
import { DEVICE_STATUSES, describe, type Execution, isPending, stateOf, summaryOf } from './job-execution.js';
import {
  type DescribeRequest,
  DescribeRequestSchema,
  type JobRejection,
  PendingRequestSchema,
  readJobBody,
  rejectJob,
  type StartNextRequest,
  StartNextRequestSchema,
  type UpdateRequest,
  UpdateRequestSchema,
} from './job-request.js';
import type { Jobs } from './jobs.js';

const TOPIC = /^\$aws\/things\/([a-zA-Z0-9:_-]{1,128})\/jobs\/(.+)$/;
const EXECUTION = /^(\$next|[a-zA-Z0-9_-]{1,64})\/(get|update)$/;
const NEXT = '$next';

/** The longest list of executions that a device is sent unasked. */
const MAX_NOTIFIED = 10;

type Outcome = { readonly ok: true; readonly [field: string]: unknown } | JobRejection;

interface JobServiceDeps {
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly hasThing: (thingName: string) => boolean;
  /** Hands a message to all who have subscribed. */
  readonly publish: (topic: string, body: object) => void;
  readonly log: Logger;
}

/** The topics of jobs. */
export class JobService implements Service {
  readonly #deps: JobServiceDeps;

  constructor(deps: JobServiceDeps) {
    this.#deps = deps;
    deps.jobs.onChange = (thingName, before, after) => queueMicrotask(() => this.#notify(thingName, before, after));
  }

  take({ topic, payload, caller, isThrottled }: ServiceRequest): boolean {
    const [, thingName, request] = TOPIC.exec(topic) ?? [];
    if (thingName === undefined || request === undefined) return false;
    const { ok, ...body } = isThrottled
      ? rejectJob('RequestThrottled', 'The request was throttled.')
      : this.#outcome(thingName, request, payload);
    const answer = { timestamp: this.#deps.jobs.nowS, ...body };
    if (!ok) this.#deps.log.info({ topic, clientId: caller.clientId, ...body }, 'job request rejected');
    caller.answer(`${topic}/${ok ? 'accepted' : 'rejected'}`, Buffer.from(JSON.stringify(answer)));
    return true;
  }

  #outcome(thingName: string, request: string, payload: Buffer): Outcome & { clientToken?: string | undefined } {
    const body = readJobBody(payload);
    if (!body.ok) return body;
    try {
      const outcome = this.#deps.hasThing(thingName)
        ? this.#perform(thingName, request, body.fields)
        : rejectJob('ResourceNotFound', `Thing ${thingName} does not exist`);
      return { ...outcome, clientToken: body.clientToken };
    } catch (err) {
      this.#deps.log.error({ err, thingName, request }, 'job request failed');
      return { ...rejectJob('InternalError', 'Internal error'), clientToken: body.clientToken };
    }
  }

  #perform(thingName: string, request: string, fields: JsonObject): Outcome {
    if (request === 'get') return withBody(PendingRequestSchema, fields, () => this.#list(thingName));
    if (request === 'start-next') {
      return withBody(StartNextRequestSchema, fields, (body) => this.#startNext(thingName, body));
    }
    const [, jobId, verb] = EXECUTION.exec(request) ?? [];
    if (jobId === undefined || (jobId === NEXT && verb === 'update')) {
      return rejectJob('InvalidTopic', `No request of the Jobs API has the topic jobs/${request}`);
    }
    return verb === 'get'
      ? withBody(DescribeRequestSchema, fields, (body) => this.#describe(thingName, jobId, body))
      : withBody(UpdateRequestSchema, fields, (body) => this.#update(thingName, jobId, body));
  }

  #list(thingName: string): Outcome {
    const pending = this.#deps.jobs.pending(thingName);
    const inStatus = (wanted: Execution['status']) =>
      pending.filter(({ status }) => status === wanted).map((execution) => summaryOf(execution));
    return { ok: true, inProgressJobs: inStatus('IN_PROGRESS'), queuedJobs: inStatus('QUEUED') };
  }

  #startNext(thingName: string, { statusDetails, stepTimeoutInMinutes }: StartNextRequest): Outcome {
    const { jobs } = this.#deps;
    const [next] = jobs.pending(thingName);
    if (next === undefined) return { ok: true };
    const timesOutMs = this.#timesOutMs(next, stepTimeoutInMinutes);
    if (next.status === 'IN_PROGRESS') {
      const isRenewed = timesOutMs !== next.timesOutMs;
      return { ok: true, execution: this.#whole(isRenewed ? jobs.put({ ...next, timesOutMs }) : next) };
    }
    const startedAt = jobs.nowS;
    const details = statusDetails ?? next.statusDetails;
    const started = jobs.put({ ...next, status: 'IN_PROGRESS', startedAt, statusDetails: details, timesOutMs });
    return { ok: true, execution: this.#whole(started) };
  }

  #describe(thingName: string, jobId: string, { executionNumber, includeJobDocument }: DescribeRequest): Outcome {
    const { jobs } = this.#deps;
    if (jobId === NEXT) {
      const [next] = jobs.pending(thingName);
      return next === undefined ? { ok: true } : { ok: true, execution: this.#whole(next, includeJobDocument) };
    }
    const execution = jobs.execution(thingName, jobId);
    if (execution === undefined || !isNumber(execution, executionNumber)) return notFound(thingName, jobId);
    if (!isPending(execution)) {
      return rejectJob('TerminalStateReached', `The job execution is ${execution.status}`);
    }
    return { ok: true, execution: this.#whole(execution, includeJobDocument) };
  }

  #update(thingName: string, jobId: string, request: UpdateRequest): Outcome {
    const { jobs } = this.#deps;
    const { expectedVersion, status, statusDetails, stepTimeoutInMinutes } = request;
    const old = jobs.execution(thingName, jobId);
    if (old === undefined || !isNumber(old, request.executionNumber)) return notFound(thingName, jobId);
    if (!isPending(old) || !DEVICE_STATUSES.some((one) => one === status)) {
      return rejectJob('InvalidStateTransition', `${old.status} does not become ${status}`, stateOf(old));
    }
    if (expectedVersion !== undefined && expectedVersion !== old.versionNumber) {
      const why = `version ${expectedVersion} expected, version ${old.versionNumber} found`;
      return rejectJob('VersionMismatch', why, stateOf(old));
    }
    const execution = jobs.put({
      ...old,
      status,
      startedAt: old.startedAt ?? jobs.nowS,
      statusDetails: statusDetails ?? old.statusDetails,
      timesOutMs: status === 'IN_PROGRESS' ? this.#timesOutMs(old, stepTimeoutInMinutes) : undefined,
    });
    return {
      ok: true,
      ...(request.includeJobExecutionState ? { executionState: stateOf(execution) } : {}),
      ...(request.includeJobDocument ? { jobDocument: jobs.document(jobId) } : {}),
    };
  }

  #notify(thingName: string, before: readonly Execution[], after: readonly Execution[]): void {
    const { jobs, publish } = this.#deps;
    const topic = `$aws/things/${thingName}/jobs`;
    const timestamp = jobs.nowS;
    const ids = (executions: readonly Execution[]) => executions.map(({ jobId }) => jobId);
    if (ids(before).toSorted().join() !== ids(after).toSorted().join()) {
      const listed = after.slice(0, MAX_NOTIFIED);
      const inStatus = (wanted: Execution['status']) => {
        const some = listed.filter(({ status }) => status === wanted).map((execution) => summaryOf(execution));
        return some.length === 0 ? {} : { [wanted]: some };
      };
      publish(`${topic}/notify`, { timestamp, jobs: { ...inStatus('IN_PROGRESS'), ...inStatus('QUEUED') } });
    }
    const [head] = after;
    if (head?.jobId === before[0]?.jobId) return;
    publish(`${topic}/notify-next`, { timestamp, execution: head === undefined ? undefined : this.#whole(head) });
  }

  #whole(execution: Execution, withDocument = true): object {
    return describe(execution, withDocument ? this.#deps.jobs.document(execution.jobId) : undefined);
  }

  #timesOutMs({ timesOutMs }: Execution, minutes: number | undefined): number | undefined {
    if (minutes === undefined) return timesOutMs;
    return minutes === -1 ? undefined : this.#deps.clock.now() + minutes * 60_000;
  }
}

function withBody<T>(schema: z.ZodType<T>, fields: JsonObject, perform: (body: T) => Outcome): Outcome {
  const body = schema.safeParse(fields);
  return body.success ? perform(body.data) : rejectJob('InvalidRequest', z.prettifyError(body.error));
}

function isNumber(execution: Execution, executionNumber: number | undefined): boolean {
  return executionNumber === undefined || executionNumber === execution.executionNumber;
}

function notFound(thingName: string, jobId: string): JobRejection {
  return rejectJob('ResourceNotFound', `No job execution ${jobId} for thing ${thingName}`);
}
