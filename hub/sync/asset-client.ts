import { createHash } from 'node:crypto';
import type { Page } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { backOffMs } from '../back-off.js';
import { HubError } from '../errors.js';
import type { Blobs } from '../storage/blobs.js';
import { askCloud, type CloudHttpOptions, readLimited } from './cloud-http.js';

/** A household whose internet is away for an evening still gets its picture; a newer one ends the wait. */
const PATIENCE_MS = 12 * 60 * 60 * 1000;
const BACK_OFF = { baseMs: 500, capMs: 30_000 };
const TIMEOUT_MS = 60_000;
/** The largest picture that the hub takes. */
const MAX_ASSET_BYTES = 64 * 1024 * 1024;

type Picture = Page['pictures'][number];

export type AssetClientDeps = {
  assets: Pick<Blobs, 'get' | 'put'>;
  /** undefined: not provisioned yet. */
  cloud: () => CloudHttpOptions | undefined;
  clock: Clock;
  random: () => number;
};

/** Pictures by their hash: from disk, else from the cloud, checked and kept. */
export class AssetClient {
  readonly #deps: AssetClientDeps;

  constructor(deps: AssetClientDeps) {
    this.#deps = deps;
  }

  /** @throws HubError `asset.unreachable`, `asset.refused`, `asset.damaged`, `asset.too-large` */
  async fetch(picture: Picture, signal: AbortSignal): Promise<Uint8Array> {
    const kept = await this.#deps.assets.get(picture.sha256);
    if (kept !== undefined) return kept;
    const bytes = await this.#fetchPatiently(picture, signal);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== picture.sha256) {
      throw new HubError('asset.damaged', `asset ${picture.sha256} came with the hash ${sha256}`);
    }
    await this.#deps.assets.put(bytes);
    return bytes;
  }

  async #fetchPatiently(picture: Picture, signal: AbortSignal): Promise<Uint8Array> {
    const { clock, random } = this.#deps;
    const startMs = clock.monotonic();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#fetchOnce(picture, signal);
      } catch (error) {
        signal.throwIfAborted();
        const isLasting = error instanceof HubError && error.code !== 'asset.unreachable';
        if (isLasting || clock.monotonic() - startMs >= PATIENCE_MS) throw error;
        await clock.sleep(backOffMs(BACK_OFF, attempt, random), signal);
      }
    }
  }

  async #fetchOnce({ sha256, sizeBytes }: Picture, signal: AbortSignal): Promise<Uint8Array> {
    const cloud = this.#deps.cloud();
    if (cloud === undefined) throw new HubError('asset.unreachable', `asset ${sha256}: the hub has no identity yet`);
    if (sizeBytes > MAX_ASSET_BYTES) {
      throw new HubError('asset.too-large', `asset ${sha256} has ${sizeBytes} bytes, limit ${MAX_ASSET_BYTES}`);
    }
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const response = await askCloud(cloud, `/v1/assets/${sha256}`, { signal: limit });
      if (response.ok) return await readWhole(response, sizeBytes);
      await response.body?.cancel();
      const isRefusal = response.status >= 400 && response.status < 500 && response.status !== 429;
      const code = isRefusal ? 'asset.refused' : 'asset.unreachable';
      throw new HubError(code, `asset ${sha256}: the cloud answered ${response.status}`);
    } catch (error) {
      if (error instanceof HubError) throw error;
      throw new HubError('asset.unreachable', `asset ${sha256}: no answer from the cloud`, { cause: error });
    }
  }
}

/** A connection that is cut may look like the end of the body. */
async function readWhole(response: Response, sizeBytes: number): Promise<Uint8Array> {
  const bytes = await readLimited(response, sizeBytes);
  if (bytes.length === sizeBytes) return bytes;
  throw new HubError('asset.unreachable', `the answer broke off after ${bytes.length} of ${sizeBytes} bytes`);
}
