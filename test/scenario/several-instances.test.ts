import { describe, expect, test } from 'vitest';
import { killOneOfThree } from '../support/instances.js';
import { OPEN_BROKERS } from '../support/open-brokers.js';

describe.each(OPEN_BROKERS.filter(({ name }) => name === 'the stand-in'))('on $name', (broker) => {
  test('no message is lost when one of three instances is killed: the others store what it had', async () => {
    const { published, acknowledged, storedWhenKilled, stored } = await killOneOfThree(broker, { comesBack: false });
    expect(storedWhenKilled).toBeLessThan(published * (2 / 3));
    expect({ acknowledged, stored }).toEqual({ acknowledged: published, stored: published });
  }, 120_000);
});
