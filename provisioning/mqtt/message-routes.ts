import type { MqttMessage } from './mqtt-adapter.js';
import { matches } from './topic-filter.js';

/** What is done with a message. It is acknowledged when the promise resolves, and not if it rejects. */
export type MqttHandler = (message: MqttMessage) => Promise<void> | void;

interface Route {
  readonly filters: readonly string[];
  readonly handler: MqttHandler;
}

/** Who hears which topics. */
export class MessageRoutes {
  readonly #routes = new Set<Route>();
  readonly #holdsUnwanted: boolean;
  #held: { message: MqttMessage; dispatch: () => void }[] = [];

  /** `holdsUnwanted`: messages wait for somebody who wants them, as those of a session that is taken up again must. */
  constructor({ holdsUnwanted }: { holdsUnwanted: boolean }) {
    this.#holdsUnwanted = holdsUnwanted;
  }

  /** Gives a function that takes the route away. */
  add(filters: readonly string[], handler: MqttHandler): () => void {
    const route = { filters, handler };
    this.#routes.add(route);
    const held = this.#held.filter(({ message }) => wants(route, message));
    this.#held = this.#held.filter((one) => !held.includes(one));
    for (const { dispatch } of held) dispatch();
    return () => void this.#routes.delete(route);
  }

  /** Hands a message to everybody who wants it. What nobody wants is done with, unless it is held. */
  async dispatch(message: MqttMessage): Promise<void> {
    if (this.#holdsUnwanted && this.#wanting(message).length === 0) {
      await new Promise<void>((resolve) => this.#held.push({ message, dispatch: resolve }));
    }
    await Promise.all(this.#wanting(message).map(async ({ handler }) => await handler(message)));
  }

  #wanting(message: MqttMessage): Route[] {
    return [...this.#routes].filter((route) => wants(route, message));
  }
}

function wants({ filters }: Route, { topic }: MqttMessage): boolean {
  return filters.some((filter) => matches(filter, topic));
}
