import { describe, expect, it } from 'vitest';
import { systemClock } from '../../hardware/index.js';
import { ask, type MqttMessage, type MqttSession, openMqttSession } from '../../provisioning/index.js';
import { HeldClock } from '../support/held-clock.js';
import { MQTT_CLIENTS } from '../support/hub-links.js';
import { BROKERS, DEVICE, DOWN, FORBIDDEN, UP, WATCHER } from '../support/mqtt-brokers.js';

type Options = Parameters<typeof openMqttSession>[0];

const WAIT = { timeout: 15_000, interval: 20 };
const LIMIT_BYTES = 128 * 1024;
const CASES = BROKERS.flatMap((broker) => MQTT_CLIENTS.map((mqttClient) => ({ ...broker, mqttClient })));

/** Messages as they come, with a way to refuse them. */
class Ear {
  readonly heard: string[] = [];
  isDeaf = false;

  readonly hear = ({ payload }: MqttMessage): void => {
    this.heard.push(payload.toString());
    if (this.isDeaf) throw new TypeError('not taken');
  };
}

describe.for(CASES)('$mqttClient on $name', ({ start, mqttClient }) => {
  const test = it
    .extend('broker', async ({ task: _ }, { onCleanup }) => {
      const broker = await start();
      onCleanup(() => broker.stop());
      return broker;
    })
    .extend('open', ({ broker }, { onCleanup }) => {
      const sessions: MqttSession[] = [];
      onCleanup(async () => void (await Promise.all(sessions.map((session) => session.close()))));
      return async (change: Partial<Options> = {}, clock: Pick<typeof systemClock, 'sleep'> = systemClock) => {
        const { port, caPem, device } = broker;
        const options = { endpoint: '127.0.0.1', port, caPem, ...device, clientId: DEVICE, mqttClient, ...change };
        const session = await openMqttSession(options, { clock });
        sessions.push(session);
        return session;
      };
    })
    .extend('watch', ({ broker, open }) => async (topic: string) => {
      const { heard, hear } = new Ear();
      const watcher = await open({ ...broker.watcher, clientId: WATCHER });
      await watcher.subscribe([topic], hear);
      return { watcher, heard };
    });

  test('it connects by mutual TLS, speaks and hears', async ({ open, watch }) => {
    const { watcher, heard } = await watch(UP);
    const device = await open();
    const ear = new Ear();
    await device.subscribe([DOWN], ear.hear);
    await device.publish(UP, 'up');
    await watcher.publish(DOWN, 'down');
    await expect.poll(() => heard, WAIT).toEqual(['up']);
    await expect.poll(() => ear.heard, WAIT).toEqual(['down']);
  });

  test('a server that is not of the CA, and one that is not there, are told apart', async ({ broker, open }) => {
    const { caPem } = broker.stranger;
    await expect(open({ caPem })).rejects.toMatchObject({ code: 'link.tls-refused' });
    await expect(open({ port: 9 })).rejects.toMatchObject({ code: 'link.no-network' });
    await expect(open({ endpoint: 'nowhere.invalid' })).rejects.toMatchObject({ code: 'link.no-network' });
    await expect(open({ certPem: 'no', keyPem: 'no' })).rejects.toMatchObject({ code: 'link.bad-credentials' });
  });

  test('a certificate of another authority is not let in', async ({ broker, open }) => {
    const { certPem, keyPem } = broker.stranger;
    // The stand-in, made of Node's TLS, cuts the connection without the alert that OpenSSL sends.
    const code = broker.core === undefined ? 'link.refused' : 'link.no-network';
    await expect(open({ certPem, keyPem })).rejects.toMatchObject({ code });
  });

  test('a CONNECT that is refused tells the reason', async ({ broker, open }) => {
    await expect(open({ clientId: 'other-id' })).rejects.toMatchObject({
      code: 'link.refused',
      message: expect.stringContaining('CONNACK 135'),
    });
    broker.core?.admin.faults.arm({ kind: 'throttled', clientId: DEVICE });
    if (broker.core !== undefined) await expect(open()).rejects.toMatchObject({ code: 'link.throttled' });
  });

  test('a SUBSCRIBE that is refused is told, and heard no more of', async ({ broker, open }) => {
    const device = await open();
    const forbidden = device.subscribe([DOWN, 'inklet/dev/inklet-other/down/cmd'], () => undefined);
    // Mosquitto's own list refuses nobody a subscription: it just delivers nothing.
    if (broker.core === undefined) await forbidden;
    else await expect(forbidden).rejects.toMatchObject({ code: 'link.not-allowed' });
    await device.publish(UP, 'still here');
  });

  test('a PUBLISH that is refused is told by its reason code', async ({ open }) => {
    const device = await open();
    await expect(device.publish(FORBIDDEN, '{}')).rejects.toMatchObject({
      code: 'link.not-allowed',
      message: expect.stringContaining('135'),
    });
    await device.publish(UP, 'still here');
  });

  test('a message is acknowledged once it is handled, and comes again if it is not', async ({ open, watch }) => {
    const { watcher } = await watch(UP);
    const lasting = { sessionExpiryS: 60 };
    const first = await open(lasting);
    const ear = new Ear();
    await first.subscribe([DOWN], ear.hear);
    await watcher.publish(DOWN, 'one');
    await expect.poll(() => ear.heard, WAIT).toEqual(['one']);
    ear.isDeaf = true;
    await watcher.publish(DOWN, 'two');
    await expect.poll(() => ear.heard, WAIT).toEqual(['one', 'two']);
    await first.close();
    const again = new Ear();
    const second = await open(lasting);
    await second.subscribe([DOWN], again.hear);
    await expect.poll(() => again.heard, WAIT).toEqual(['two']);
  });

  test('a message whose handler is still at work does not hold up what comes after it', async ({ open, watch }) => {
    const { watcher } = await watch(UP);
    const device = await open();
    const heard: string[] = [];
    let release: () => void = () => {};
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    await device.subscribe([DOWN], async ({ payload }) => {
      heard.push(payload.toString());
      if (payload.toString() === 'slow') await isReleased;
    });
    await watcher.publish(DOWN, 'slow');
    await watcher.publish(DOWN, 'quick');
    await expect.poll(() => heard, WAIT).toEqual(['slow', 'quick']);
    // PUBACK comes through as well.
    await device.publish(UP, 'meanwhile');
    release();
  });

  test('an empty payload is one like any other', async ({ open, watch }) => {
    const { watcher, heard } = await watch(UP);
    const device = await open();
    const ear = new Ear();
    await device.subscribe([DOWN], ear.hear);
    await watcher.publish(DOWN, '');
    await device.publish(UP, '');
    await watcher.publish(DOWN, 'after');
    await expect.poll(() => ear.heard, WAIT).toEqual(['', 'after']);
    await expect.poll(() => heard, WAIT).toEqual(['']);
  });

  test('128 KiB go through whole, and nothing longer is tried', async ({ open, watch }) => {
    const { watcher } = await watch('nothing');
    const sizes: number[] = [];
    await watcher.subscribe([UP], ({ payload }) => void sizes.push(payload.length));
    const device = await open();
    const ear = new Ear();
    await device.subscribe([DOWN], ear.hear);
    const longest = 'x'.repeat(LIMIT_BYTES);
    await device.publish(UP, longest);
    await watcher.publish(DOWN, longest);
    await expect.poll(() => sizes, WAIT).toEqual([LIMIT_BYTES]);
    await expect.poll(() => ear.heard.map(({ length }) => length), WAIT).toEqual([LIMIT_BYTES]);
    await expect(device.publish(UP, `${longest}x`)).rejects.toMatchObject({ code: 'link.too-large' });
    await device.publish(UP, 'still here');
  });

  test('another client under the same id is told by its name', async ({ broker, open }) => {
    const first = await open();
    await open();
    // Mosquitto 2.0.11 closes the connection before its DISCONNECT has left.
    const code = broker.core === undefined ? 'link.lost' : 'link.taken-over';
    expect(await first.ended).toMatchObject({ code });
    await expect(first.publish(UP, '{}')).rejects.toMatchObject({ code });
  });

  test('a broker that starts again is noticed, and is connected to anew', async ({ broker, open }) => {
    const first = await open();
    await broker.restart();
    expect(await first.ended).toMatchObject({ code: 'link.lost' });
    const second = await open();
    await second.publish(UP, 'back');
  });

  test('who closes says good-bye, and no last will is published', async ({ open, watch }) => {
    const { watcher, heard } = await watch(UP);
    const will = { topic: UP, payload: 'last will' };
    const polite = await open({ will });
    await polite.close();
    expect(await polite.ended).toBeUndefined();
    await watcher.publish(UP, 'nothing so far');
    await expect.poll(() => heard, WAIT).toContain('nothing so far');
    const other = await open({ will });
    // A take-over is no good-bye.
    await open();
    expect(await other.ended).toBeDefined();
    await expect.poll(() => heard, WAIT).toEqual(['nothing so far', 'last will']);
  });

  test('a broker that hangs up on what is forbidden ends the session, not the process', async ({ broker, open }) => {
    broker.core?.admin.setOnDenied('disconnect');
    const device = await open();
    const code = broker.core === undefined ? 'link.not-allowed' : 'link.lost';
    await expect(device.publish(FORBIDDEN, '{}')).rejects.toMatchObject({ code });
    if (broker.core !== undefined)
      expect(await device.ended).toMatchObject({ message: expect.stringContaining('135') });
    await (await open()).publish(UP, 'back');
  });

  test('a connection on which nothing gets through is given up when PUBACK stays out', async ({ broker, open }) => {
    const clock = new HeldClock();
    const device = await open({}, clock);
    broker.freeze();
    const publish = device.publish(UP, 'into the void');
    clock.lapse();
    await expect(publish).rejects.toMatchObject({ code: 'link.lost' });
    expect(await device.ended).toMatchObject({ code: 'link.lost' });
    clock.lapse();
  });

  test('a question is answered by the first message on its topics', async ({ open, watch }) => {
    const { watcher } = await watch('nothing');
    await watcher.subscribe([UP], ({ payload }) => watcher.publish(DOWN, `re: ${payload.toString()}`));
    const device = await open();
    const question = { topic: UP, body: { how: 'are you' }, answers: [DOWN] };
    const answer = await ask(device, question, { clock: systemClock, ended: device.ended });
    expect(answer.payload.toString()).toBe('re: {"how":"are you"}');
  });
});

/** Mosquitto keeps to the keep-alive that it is asked for; the stand-in, as AWS, to half a minute at least. */
describe.for(CASES.filter(({ name }) => name === 'Mosquitto'))('$mqttClient on a silent connection', (broker) => {
  it('a connection on which nothing gets through is given up when signs of life stay out', async ({
    onTestFinished,
  }) => {
    const { port, caPem, device, freeze, stop } = await broker.start();
    onTestFinished(stop);
    const { mqttClient } = broker;
    const options = { endpoint: '127.0.0.1', port, caPem, ...device, clientId: DEVICE, mqttClient, keepAliveS: 1 };
    const session = await openMqttSession(options, { clock: systemClock });
    freeze();
    expect(await session.ended).toMatchObject({ code: 'link.lost' });
  });
});
