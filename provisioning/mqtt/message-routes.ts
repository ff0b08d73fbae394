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

  /** Gives a function that takes the route away. */
  add(filters: readonly string[], handler: MqttHandler): () => void {
    const route = { filters, handler };
    this.#routes.add(route);
    return () => void this.#routes.delete(route);
  }

  /** Every filter that somebody wants, once each. */
  filters(): string[] {
    return [...new Set([...this.#routes].flatMap(({ filters }) => filters))];
  }

  /** Hands a message to everybody who wants it. What nobody wants is done with. */
  async dispatch(message: MqttMessage): Promise<void> {
    const wanting = [...this.#routes].filter(({ filters }) => filters.some((filter) => matches(filter, message.topic)));
    await Promise.all(wanting.map(async ({ handler }) => await handler(message)));
  }
}
