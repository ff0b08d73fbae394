import { randomBytes } from 'node:crypto';
import { Ntag424, SimNfcReader } from '../../device-sim/index.js';
import { readNdefFile } from '../../hardware/index.js';
import { sunIn, sunKeysOf } from '../../provisioning/hw-id/index.js';

/** The keys of a service that knows our tags. */
export const SUN_KEYS = sunKeysOf({ metaKey: '11'.repeat(16), masterKey: '22'.repeat(16) });

export type SunLink = { piccData: string; cmac: string };

/** A tag that proves itself at each read, of these keys, and a telephone that is held to it. */
export class SunTag {
  readonly uid = `04${randomBytes(6).toString('hex')}`;
  readonly #tag: Ntag424;

  constructor(link: string) {
    const { metaKey, fileKeyOf } = SUN_KEYS;
    const keys = { metaKey, fileKey: fileKeyOf(this.uid) };
    this.#tag = new Ntag424({ uid: Buffer.from(this.uid, 'hex'), link, ...keys, random: () => 0.5 });
  }

  /** The whole address that the telephone opens. */
  async read(): Promise<string> {
    const reader = new SimNfcReader();
    reader.place(this.#tag);
    const [record] = await readNdefFile(reader);
    return record?.kind === 'uri' ? record.uri : '';
  }

  async tap(): Promise<SunLink> {
    const sun = sunIn(await this.read());
    if (sun === undefined) throw new TypeError('no proof in the link');
    return sun;
  }
}
