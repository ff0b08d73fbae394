import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { HardwareError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { type News, NewsSchema, type QuestionSchema } from './messages.js';

type Asked = { resolve: (news: News) => void; reject: (error: HardwareError) => void };
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/** Longer than a busy machine needs to load nfc-pcsc. */
const START_LIMIT_MS = 20_000;
/** Longer than any reader takes for one command. */
const ANSWER_LIMIT_MS = 5000;
const HEAP_LIMIT_MB = 32;

/** The process in which nfc-pcsc lives. Whatever it does wrong ends it; it is never used again. */
export class PcscProcess {
  readonly #child: ChildProcess;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #asked = new Map<number, Asked>();
  /** Resolves, with what ended it. */
  readonly gone: Promise<HardwareError>;
  #end: (error: HardwareError) => void = () => undefined;
  #isGone = false;
  #lastId = 0;

  private constructor(clock: Pick<Clock, 'sleep'>, socketPath: string) {
    this.#clock = clock;
    this.gone = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#child = startNode(socketPath);
    this.#child.on('message', (message) => this.#hear(message));
    this.#child.once('error', (cause) => this.#stop('nfc.reader-failed', cause.message, cause));
    this.#child.once('exit', (exitCode, signal) =>
      this.#stop('nfc.reader-failed', `the process that speaks to pcscd ended by ${signal ?? `exit ${exitCode}`}`),
    );
  }

  /**
   * Resolves once it knows the readers.
   * @throws HardwareError `nfc.not-installed`, `nfc.no-service`, `nfc.service-hangs`, `nfc.reader-failed`
   */
  static async start(clock: Pick<Clock, 'sleep'>, socketPath: string): Promise<PcscProcess> {
    const started = new PcscProcess(clock, socketPath);
    const ready = new Promise<News>((resolve, reject) => started.#asked.set(0, { resolve, reject }));
    await started.#within(ready, START_LIMIT_MS);
    return started;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** @throws HardwareError `nfc.*` */
  async ask(question: WithoutId<z.infer<typeof QuestionSchema>>): Promise<News> {
    if (this.#isGone) throw await this.gone;
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<News>((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    // A process that has just ended cannot be sent to; its end rejects the answer.
    this.#child.send({ id, ...question }, () => undefined);
    return await this.#within(answer, ANSWER_LIMIT_MS);
  }

  /** Ends it at once: what waits inside the library for pcscd cannot be asked to. */
  kill(): void {
    this.#stop('nfc.stopped', 'ended by us');
  }

  async #within(answer: Promise<News>, limitMs: number): Promise<News> {
    const over = new AbortController();
    const limit = this.#clock.sleep(limitMs, over.signal).then(
      () => this.#stop('nfc.service-hangs', `pcscd or the reader has not answered within ${limitMs} ms`),
      () => undefined,
    );
    try {
      return await answer;
    } finally {
      over.abort();
      await limit;
    }
  }

  #hear(message: unknown): void {
    const parsed = NewsSchema.safeParse(message);
    if (!parsed.success) {
      this.#stop('nfc.reader-failed', 'the process that speaks to pcscd said what makes no sense', parsed.error);
      return;
    }
    const news = parsed.data;
    if (news.kind === 'ending') {
      this.#stop(news.code, news.message);
      return;
    }
    const id = news.kind === 'ready' ? 0 : news.id;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (news.kind === 'failed') asked?.reject(new HardwareError(news.code, news.message));
    else asked?.resolve(news);
  }

  #stop(code: HardwareError['code'], message: string, cause?: unknown): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const error = new HardwareError(code, message, { cause });
    this.#child.kill('SIGKILL');
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
    this.#end(error);
  }
}

/** From source (tests, tsx) the file is TypeScript, which Node 20 has to be taught. */
function startNode(socketPath: string): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const tsx = () => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const entry = new URL(`./main.${isSource ? 'ts' : 'js'}`, import.meta.url);
  return fork(fileURLToPath(entry), [], {
    execArgv: [`--max-old-space-size=${HEAP_LIMIT_MB}`, ...(isSource ? ['--import', tsx()] : [])],
    env: { PCSCLITE_CSOCK_NAME: socketPath },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
