import { type Page, PageSchema, parseMessage } from '../../contract/index.js';
import { HubError } from '../errors.js';
import type { Blobs } from '../storage/blobs.js';
import type { Ledger } from '../storage/ledger.js';
import type { Presentations } from '../storage/presentations.js';
import type { WiredDisplay } from './wired-display.js';

/** What a person at the hub wants to see. */
export type LocalContent = Partial<Pick<Page, 'title' | 'text' | 'align' | 'qr' | 'fit'>> & {
  /** An encoded picture. */
  picture?: Uint8Array | undefined;
};

export type LocalContentsDeps = {
  display: (displayId: string) => Pick<WiredDisplay, 'take'> | undefined;
  assets: Pick<Blobs, 'put'>;
  ledger: Pick<Ledger, 'accept'>;
  presentations: Pick<Presentations, 'get'>;
  newId: () => string;
  now: () => number;
};

/** Contents that are asked for at the hub itself; they go the same way as the cloud's. */
export class LocalContents {
  readonly #deps: LocalContentsDeps;

  constructor(deps: LocalContentsDeps) {
    this.#deps = deps;
  }

  /**
   * Accepted, on disk, and on its way when this resolves.
   * @throws HubError `display.unknown`, `content.empty`, `content.unsupported-picture`, `request.invalid`, `outbox.full`
   */
  async show(displayId: string, content: LocalContent): Promise<{ presentationId: string }> {
    const { display, ledger, presentations, newId, now } = this.#deps;
    const askedMs = now();
    const target = display(displayId);
    if (target === undefined) throw new HubError('display.unknown', `this hub has no display ${displayId}`);
    const page = await this.#page(content);
    const presentationId = newId();
    ledger.accept({ presentationId, displayId, cmdId: null, origin: 'local', page, askedMs });
    const presentation = presentations.get(presentationId);
    if (presentation !== undefined) target.take(presentation);
    return { presentationId };
  }

  async #page(content: LocalContent): Promise<Page> {
    const { picture } = content;
    const [title, text, qr] = [content.title, content.text, content.qr].map((value) => blankToNull(value ?? null));
    if (title === null && text === null && qr === null && (picture === undefined || picture.length === 0)) {
      throw new HubError('content.empty', 'neither title, text, QR code nor picture');
    }
    const page = parseMessage(PageSchema, {
      title,
      text,
      qr,
      align: content.align ?? 'start',
      fit: content.fit ?? 'fit',
      pictures: picture === undefined || picture.length === 0 ? [] : [await this.#keep(picture)],
    });
    if (page.ok) return page.value;
    const details = { issues: page.refusals };
    throw new HubError('request.invalid', 'the content is not what a page takes', { details });
  }

  async #keep(picture: Uint8Array): Promise<Page['pictures'][number]> {
    // Loaded with the first picture: a hub that is at rest has nothing of render in memory.
    const { PICTURE_NAMES, pictureTypeOf } = await import('../../render/index.js');
    const contentType = pictureTypeOf(picture);
    if (contentType === undefined) {
      throw new HubError('content.unsupported-picture', `not a ${PICTURE_NAMES}`);
    }
    return { sha256: await this.#deps.assets.put(picture), contentType, sizeBytes: picture.length };
  }
}

function blankToNull(value: string | null): string | null {
  return value === null || value.trim() === '' ? null : value;
}
