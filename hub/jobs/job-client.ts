import type { Logger } from 'pino';
import { parseMessage } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import type { RotationOutcome } from '../../provisioning/index.js';
import { backOffMs } from '../back-off.js';
import type { CloudLink } from '../cloud-link/cloud-link.js';
import { describeFailure, HubError } from '../errors.js';
import type { Rotator } from '../rotation/rotator.js';
import { Signal } from '../signal.js';
import { unlessAborted } from '../unless-aborted.js';
import { JobDocumentSchema, type JobExecution, jobTopics, StartedSchema, UpdatedSchema } from './job-messages.js';
import { JobProgress } from './job-progress.js';
import { JobService } from './job-service.js';

export type JobClientDeps = {
  thingName: string;
  link: Pick<CloudLink, 'publish' | 'subscribe' | 'state' | 'onChange'>;
  rotator: Pick<Rotator, 'request'>;
  newId: () => string;
  clock: Clock;
  random: () => number;
  log: Logger;
};

type Details = Record<string, string>;
type End = { status: 'SUCCEEDED' | 'FAILED' | 'REJECTED'; details: Details };

const BACK_OFF = { baseMs: 1000, capMs: 300_000 };
/** AWS takes 1024; what else is in a message is in the log. */
const MAX_DETAIL_CHARACTERS = 500;
const MAX_VERSION_CHANGES = 3;
/** What is worth asking again; for all else the job is over for AWS, or gone. */
const LATER: readonly string[] = ['RequestThrottled', 'InternalError'];

/**
 * Carries out the jobs that AWS IoT has for this thing, one after the other. A job that was under way when the hub stopped
 * is handed out again, and ends as what became of it.
 */
export class JobClient {
  readonly #deps: JobClientDeps;
  readonly #service: JobService;
  readonly #topics: ReturnType<typeof jobTopics>;
  readonly #wake = new Signal();
  readonly #stopping = new AbortController();
  /** How the last job ended, in case that AWS has not heard it. */
  #last: { key: string; end: End } | undefined;
  #isListening: (() => void) | undefined;
  #loop: Promise<void> | undefined;

  constructor(deps: JobClientDeps) {
    this.#deps = deps;
    this.#topics = jobTopics(deps.thingName);
    this.#service = new JobService({ link: deps.link, clock: deps.clock, newToken: deps.newId });
  }

  start(): void {
    this.#deps.link.onChange(({ connected }) => {
      if (connected) this.#wake.notify();
    });
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, link, log, random } = this.#deps;
    const { signal } = this.#stopping;
    for (let failures = 0; ; ) {
      await this.#wake.wait(signal);
      if (signal.aborted) return;
      if (!link.state().connected) continue;
      try {
        await this.#listen();
        while (await this.#doNext()) failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        const waitMs = backOffMs(BACK_OFF, failures, random);
        log.info({ ...describeFailure(error, 'hub.internal'), failures, waitMs }, 'jobs not done, trying again');
        await clock.sleep(waitMs, signal).catch(() => undefined);
        this.#wake.notify();
      }
    }
  }

  async #listen(): Promise<void> {
    // What it says is asked for: the notice may be old, and asking also starts the job.
    this.#isListening ??= await this.#deps.link.subscribe([this.#topics.notifyNext], () => this.#wake.notify());
  }

  /** false: there is nothing to do. */
  async #doNext(): Promise<boolean> {
    const { log } = this.#deps;
    const { signal } = this.#stopping;
    const { startNext, updates, update } = this.#topics;
    const question = { topic: startNext, answers: startNext, body: {}, schema: StartedSchema };
    const answer = await this.#service.ask(question, signal);
    if (!answer.ok) {
      const { code, message } = answer.rejected;
      if (LATER.includes(code)) throw new HubError('job.busy', `${code}: ${message}`);
      log.warn({ ...answer.rejected }, 'jobs refused');
      return false;
    }
    const { execution } = answer.body;
    if (execution === undefined) return false;
    const { jobId, executionNumber, versionNumber } = execution;
    const key = `job:${jobId}:${executionNumber}`;
    const progress = new JobProgress(this.#service, { topic: update(jobId), answers: updates, versionNumber });
    const end = this.#last?.key === key ? this.#last.end : await this.#perform(key, execution, progress);
    this.#last = { key, end };
    await this.#report(jobId, await progress.end(), end);
    log.info({ jobId, ...end }, 'job ended');
    return true;
  }

  async #perform(key: string, { jobId, jobDocument }: JobExecution, progress: JobProgress): Promise<End> {
    const { signal } = this.#stopping;
    const document = parseMessage(JobDocumentSchema, jobDocument);
    this.#deps.log.info({ jobId, op: document.ok ? document.value.op : undefined }, 'job begun');
    if (document.ok && document.value.op === 'rotate') {
      const order = { reason: 'job', orderId: key } as const;
      const outcome = this.#deps.rotator.request(order, (stage) => progress.tell(stage, signal));
      return endOf(await unlessAborted(outcome, signal));
    }
    const reason = document.ok ? `this hub does not do ${document.value.op}` : 'the document names no op';
    return { status: 'REJECTED', details: { code: 'job.unknown-op', reason } };
  }

  /** Until AWS has heard it, or does not want to. */
  async #report(jobId: string, version: number, { status, details }: End): Promise<void> {
    const { signal } = this.#stopping;
    const { updates, update } = this.#topics;
    let expectedVersion = version;
    for (let changes = 0; changes <= MAX_VERSION_CHANGES; changes += 1) {
      const body = { status, statusDetails: details, expectedVersion };
      const question = { topic: update(jobId), answers: updates, body, schema: UpdatedSchema };
      const answer = await this.#service.ask(question, signal);
      if (answer.ok) return;
      const { code, message, executionState } = answer.rejected;
      if (LATER.includes(code)) throw new HubError('job.busy', `${code}: ${message}`);
      if (code !== 'VersionMismatch' || executionState === undefined) {
        this.#deps.log.warn({ jobId, code, reason: message, state: executionState?.status }, 'end of a job not wanted');
        return;
      }
      expectedVersion = executionState.versionNumber;
    }
  }
}

function endOf(outcome: RotationOutcome): End {
  if (outcome.ok) {
    const { certificateId } = outcome.rotated;
    return { status: 'SUCCEEDED', details: { stage: 'COMMITTED', certificateId } };
  }
  const { step, code, message } = outcome.failure;
  return { status: 'FAILED', details: { step, code, reason: message.slice(0, MAX_DETAIL_CHARACTERS) || code } };
}
