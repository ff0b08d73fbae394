import { type JobExecution, UpdatedSchema } from './job-messages.js';
import type { JobService } from './job-service.js';

/** Tells AWS how far a job is, as long as it can be told: the link may stand aside in the middle of one. */
export class JobProgress {
  readonly #service: Pick<JobService, 'ask'>;
  readonly #topics: { topic: string; answers: string };
  readonly #over = new AbortController();
  #version: number;
  #told: Promise<void> = Promise.resolve();

  constructor(
    service: Pick<JobService, 'ask'>,
    { versionNumber, ...topics }: { topic: string; answers: string } & Pick<JobExecution, 'versionNumber'>,
  ) {
    this.#service = service;
    this.#topics = topics;
    this.#version = versionNumber;
  }

  tell(stage: string, signal: AbortSignal): void {
    const end = AbortSignal.any([this.#over.signal, signal]);
    this.#told = this.#told.then(async () => {
      const body = { status: 'IN_PROGRESS', statusDetails: { stage }, expectedVersion: this.#version };
      const request = { ...body, includeJobExecutionState: true };
      const question = { ...this.#topics, body: request, schema: UpdatedSchema };
      const answer = await this.#service.ask(question, end).catch(() => undefined);
      if (answer?.ok && answer.body.executionState !== undefined)
        this.#version = answer.body.executionState.versionNumber;
    });
  }

  /** Tells no more, and gives the version that AWS is thought to have. */
  async end(): Promise<number> {
    this.#over.abort();
    await this.#told;
    return this.#version;
  }
}
