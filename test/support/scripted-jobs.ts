import { z } from 'zod';
import type { CloudLink, LinkState } from '../../hub/cloud-link/cloud-link.js';
import { MessageRoutes, type MqttHandler } from '../../provisioning/mqtt/message-routes.js';

/** What AWS says to one question. */
export type JobsAnswer = { kind: 'accepted' | 'rejected'; body: object } | 'nothing';

const BodySchema = z.looseObject({ clientToken: z.string() });
const STATE: LinkState = { connected: true, connectedSinceMs: 0, reconnects: 0, problem: undefined, takeOvers: 0 };
const NOTHING_TO_DO: JobsAnswer = { kind: 'accepted', body: {} };

/** AWS IoT Jobs behind a link, by a script of answers; at its end there is nothing to do. */
export class ScriptedJobs implements Pick<CloudLink, 'publish' | 'subscribe' | 'state' | 'onChange'> {
  readonly asked: { topic: string; body: object }[] = [];
  answers: JobsAnswer[] = [];
  readonly #jobs: string;
  readonly #routes = new MessageRoutes({ holdsUnwanted: false });
  #listener: (state: LinkState) => void = () => undefined;

  constructor(thingName: string) {
    this.#jobs = `$aws/things/${thingName}/jobs/`;
  }

  state(): LinkState {
    return STATE;
  }

  onChange(listener: (state: LinkState) => void): void {
    this.#listener = listener;
  }

  connect(): void {
    this.#listener(STATE);
  }

  async subscribe(filters: readonly string[], handler: MqttHandler): Promise<() => void> {
    return this.#routes.add(filters, handler);
  }

  async publish(topic: string, payload: string | Uint8Array): Promise<void> {
    const { clientToken, ...body } = BodySchema.parse(JSON.parse(payload.toString()));
    this.asked.push({ topic: topic.replace(this.#jobs, ''), body });
    const answer = this.answers.shift() ?? NOTHING_TO_DO;
    if (answer !== 'nothing') await this.#tell(`${topic}/${answer.kind}`, { ...answer.body, clientToken });
  }

  /** There is something else to do next. */
  async notify(): Promise<void> {
    await this.#tell(`${this.#jobs}notify-next`, { timestamp: 0 });
  }

  async #tell(topic: string, message: object): Promise<void> {
    await this.#routes.dispatch({ topic, payload: Buffer.from(JSON.stringify(message)) });
  }
}
