import { describe, expect, it } from 'vitest';
import { systemClock } from '../../hardware/index.js';
import { openMqttSession } from '../../provisioning/index.js';
import { HeldClock } from '../support/held-clock.js';
import { MQTT_CLIENTS } from '../support/hub-links.js';
import { BROKERS, DEVICE } from '../support/mqtt-brokers.js';
import { type BadServer, plainServer, tlsServer } from '../support/tls-servers.js';

const DAY_MS = 86_400_000;
const WAIT = { timeout: 15_000, interval: 20 };

/** What stands in place of the broker, and how it is told. */
const SERVERS: Record<string, { serve: () => Promise<BadServer>; code: string; words: string }> = {
  'a server whose certificate has expired': {
    serve: () => tlsServer({ fromMs: -2 * DAY_MS, untilMs: -DAY_MS }),
    ...{ code: 'link.tls-refused', words: 'has expired' },
  },
  'a server whose certificate is for another name': {
    serve: () => tlsServer({ host: 'somebody.example' }),
    ...{ code: 'link.tls-refused', words: 'for another name' },
  },
  'a server whose certificate is from tomorrow, by a clock that is behind': {
    serve: () => tlsServer({ fromMs: DAY_MS, untilMs: 2 * DAY_MS }),
    ...{ code: 'link.clock-not-set', words: 'not valid yet' },
  },
  'a web page': {
    serve: () => plainServer('HTTP/1.1 302 Found\r\nLocation: http://guest.example/\r\n\r\n'),
    ...{ code: 'link.tls-refused', words: 'no agreement on TLS' },
  },
};

describe.for(MQTT_CLIENTS)('%s meets', (mqttClient) => {
  const test = it
    .extend('pair', async ({ task: _ }) => {
      const [standIn] = BROKERS;
      const broker = await standIn?.start();
      await broker?.stop();
      return broker?.device ?? expect.unreachable();
    })
    .extend('options', ({ pair }) => ({ endpoint: '127.0.0.1', ...pair, clientId: DEVICE, mqttClient }));

  test.for(Object.entries(SERVERS))(
    '%s, and says so',
    async ([, { serve, code, words }], { options, onTestFinished }) => {
      const { port, caPem, stop } = await serve();
      onTestFinished(stop);
      const opened = openMqttSession({ ...options, port, caPem }, { clock: systemClock });
      await expect(opened).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    },
  );

  test('silence, and waits for no more than its limit', async ({ options, onTestFinished }) => {
    const { port, caPem, stop } = await plainServer(undefined);
    onTestFinished(stop);
    const clock = new HeldClock();
    const opened = openMqttSession({ ...options, port, caPem }, { clock });
    let told: unknown;
    opened.catch((error: unknown) => {
      told = error;
    });
    await expect.poll(() => clock.sleepers, WAIT).toBe(2);
    // For the answer, and then for the good-bye.
    const later = () => {
      clock.lapse();
      return told;
    };
    await expect.poll(later, WAIT).toMatchObject({ code: 'link.no-network' });
  });

  test('the end of whoever asked, and is gone with it', async ({ options, onTestFinished }) => {
    const { port, caPem, stop } = await plainServer(undefined);
    onTestFinished(stop);
    const abort = new AbortController();
    const opened = openMqttSession({ ...options, port, caPem }, { clock: systemClock }, abort.signal);
    const reason = new TypeError('the hub goes down');
    abort.abort(reason);
    await expect(opened).rejects.toBe(reason);
  });
});
