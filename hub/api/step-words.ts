import type { IdentityStep } from '../identity-source.js';

const STEPS: Readonly<Record<IdentityStep, string>> = {
  'read-store': 'reading what it keeps about itself',
  'read-tag': 'reading the tag',
  'check-clock': 'looking at the clock',
  'make-key': 'making a key',
  connect: 'reaching the cloud',
  'ask-certificate': 'asking for a certificate',
  register: 'registering',
  verify: 'trying the new certificate',
};

/** What the hub was at, as it follows a code on its page and on the glass; nothing where no step is known. */
export function stepWords(step: string | null | undefined): string {
  const words = Object.entries(STEPS).find(([name]) => name === step)?.[1];
  return words === undefined ? '' : `, while ${words}`;
}
