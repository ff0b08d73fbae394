import { type Clock, HardwareError, type NfcReader } from '../../../hardware/index.js';

/** A person does not notice it. */
export const TAG_POLL_MS = 100;

/**
 * Waits until a tag lies on the reader; `tell` is called once if none does.
 * @throws HardwareError `nfc.no-tag`, and whatever is wrong with the reader
 */
export async function waitForTag(
  reader: Pick<NfcReader, 'atr'>,
  {
    clock,
    limitMs,
    tell,
    signal,
  }: { clock: Pick<Clock, 'monotonic' | 'sleep'>; limitMs: number; tell: () => void; signal: AbortSignal },
): Promise<void> {
  const startMs = clock.monotonic();
  for (let asked = 0; (await reader.atr()) === undefined; asked += 1) {
    if (clock.monotonic() - startMs >= limitMs) {
      throw new HardwareError('nfc.no-tag', `no tag was laid on the reader within ${limitMs / 1000} s`);
    }
    if (asked === 0) tell();
    await clock.sleep(TAG_POLL_MS, signal);
  }
}
