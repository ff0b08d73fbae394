import { describe, expect, test } from 'vitest';
import { killOneOfThree } from '../support/instances.js';
import { OPEN_BROKERS } from '../support/open-brokers.js';

// Mosquitto keeps what a member of a shared subscription had for that member alone (github.com/eclipse-mosquitto/mosquitto,
// issue 2662): whoever is killed must come back under its client id, as under a supervisor.
describe.each(OPEN_BROKERS.filter(({ name }) => name === 'Mosquitto'))('on $name', (broker) => {
  test('no message is lost when one of three instances is killed and started again', async () => {
    const { published, acknowledged, storedWhenKilled, stored } = await killOneOfThree(broker, { comesBack: true });
    expect(storedWhenKilled).toBeLessThan(published * (2 / 3));
    expect({ acknowledged, stored }).toEqual({ acknowledged: published, stored: published });
  }, 120_000);
});
