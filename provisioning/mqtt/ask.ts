import type { Clock } from '../../hardware/index.js';
import { ProvisioningError } from '../errors.js';
import type { MqttMessage } from './mqtt-adapter.js';
import type { MqttChannel } from './mqtt-session.js';
import { withLimit } from './with-limit.js';

/** A question to a service behind the broker. */
export interface MqttQuestion {
  readonly topic: string;
  /** Sent as JSON. */
  readonly body: object;
  /** Topic filters on which an answer may come. */
  readonly answers: readonly string[];
  /** Tells the answer to this question from others; absent: the first one is it. */
  readonly isAnswer?: (message: MqttMessage) => boolean;
}

const ANSWER_LIMIT_MS = 30_000;

/**
 * Subscribes to the answers, publishes the question and gives the first answer.
 * @throws ProvisioningError `claim.no-answer`, `link.*`; the signal's reason when it aborts
 */
export async function ask(
  channel: MqttChannel,
  { topic, body, answers, isAnswer = () => true }: MqttQuestion,
  {
    clock,
    signal,
    ended,
  }: {
    clock: Pick<Clock, 'sleep'>;
    signal?: AbortSignal | undefined;
    /** Resolves when no answer can come any more. */
    ended?: Promise<ProvisioningError | undefined>;
  },
): Promise<MqttMessage> {
  let tell: (message: MqttMessage) => void = () => {};
  const answer = new Promise<MqttMessage>((resolve) => {
    tell = resolve;
  });
  const remove = await channel.subscribe(answers, (message) => (isAnswer(message) ? tell(message) : undefined), signal);
  try {
    await channel.publish(topic, JSON.stringify(body), signal);
    const failure = () => new ProvisioningError('claim.no-answer', `no answer to ${topic} in ${ANSWER_LIMIT_MS} ms`);
    return await withLimit(untilEnd(answer, ended), { clock, limitMs: ANSWER_LIMIT_MS, failure, signal });
  } finally {
    remove();
  }
}

async function untilEnd<T>(answer: Promise<T>, ended: Promise<ProvisioningError | undefined> | undefined): Promise<T> {
  if (ended === undefined) return await answer;
  const broken = ended.then((why) => {
    throw why ?? new ProvisioningError('link.lost', 'the connection was closed');
  });
  return await Promise.race([answer, broken]);
}
