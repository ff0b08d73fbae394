import { expect, test } from 'vitest';
import { addressOf } from './address-of.js';

const of = (address: string, family: 'IPv4' | 'IPv6', internal = false) => ({
  ...{ address, netmask: '', mac: '', cidr: null, internal },
  ...(family === 'IPv4' ? { family } : { family, scopeid: 0 }),
});
const NETWORK = {
  lo: [of('127.0.0.1', 'IPv4', true)],
  wlan0: [of('fe80::1', 'IPv6'), of('192.168.1.20', 'IPv4')],
};

test.each([
  ['0.0.0.0', '192.168.1.20'],
  ['::', '192.168.1.20'],
  ['10.0.0.5', '10.0.0.5'],
  ['inklet.local', 'inklet.local'],
  ['fd00::5', '[fd00::5]'],
])('a hub that listens on %s is reached by %s', (host, address) => {
  expect(addressOf(host, NETWORK)).toBe(address);
});

test('a hub without a network is reached from itself', () => {
  expect(addressOf('0.0.0.0', { lo: NETWORK.lo })).toBe('127.0.0.1');
});
