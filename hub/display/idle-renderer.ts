import type { Clock, Frame } from '../../hardware/index.js';
import type { Renderer, RenderInput, RenderTarget, RenderWarning } from '../../render/index.js';

export type IdleRendererDeps = {
  /** Brings the drawing library in; only called when there is something to draw. */
  start: () => Promise<Renderer>;
  /** How long a renderer without work is kept. */
  idleMs: number;
  clock: Pick<Clock, 'sleep'>;
};

/** A renderer that takes memory only while it is of use. */
export class IdleRenderer implements Pick<Renderer, 'render'> {
  readonly #deps: IdleRendererDeps;
  #renderer: Promise<Renderer> | undefined;
  #jobs = 0;
  #idle: AbortController | undefined;
  #ending: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(deps: IdleRendererDeps) {
    this.#deps = deps;
  }

  async render(
    input: RenderInput,
    target: RenderTarget,
    signal?: AbortSignal,
    tell?: (warning: RenderWarning) => void,
  ): Promise<Frame> {
    this.#idle?.abort();
    this.#jobs += 1;
    try {
      this.#renderer ??= this.#deps.start();
      const renderer = await this.#renderer;
      return await renderer.render(input, target, signal, tell);
    } catch (error) {
      if (this.#jobs === 1) this.#forgetFailedStart();
      throw error;
    } finally {
      this.#jobs -= 1;
      if (this.#jobs === 0 && !this.#stopped) this.#ending = this.#endWhenIdle();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#idle?.abort();
    await this.#ending;
    await this.#end();
  }

  async #endWhenIdle(): Promise<void> {
    const idle = new AbortController();
    this.#idle = idle;
    await this.#deps.clock.sleep(this.#deps.idleMs, idle.signal).catch(() => undefined);
    if (!idle.signal.aborted) await this.#end();
  }

  #forgetFailedStart(): void {
    const started = this.#renderer;
    started?.catch(() => {
      if (this.#renderer === started) this.#renderer = undefined;
    });
  }

  async #end(): Promise<void> {
    const renderer = await this.#renderer?.catch(() => undefined);
    this.#renderer = undefined;
    await renderer?.stop();
  }
}
