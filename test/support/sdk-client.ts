import { z } from 'zod';
import {
  AnalysisShape,
  ContentShape,
  DisplayShape,
  EventPageShape,
  EventShape,
  PresentationShape,
  pageShape,
  QueueItemShape,
  RenditionShape,
  TicketedShape,
} from './sdk-shapes.js';

/** What the client throws: an answer that tells of a failure, or one that it cannot read. */
export class SdkError extends Error {
  readonly kind: string;
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly requestId: string | null;

  constructor(
    kind: string,
    facts: {
      status?: number;
      code?: string;
      message: string;
      details?: Record<string, unknown>;
      requestId?: string | null;
    },
  ) {
    super(facts.message);
    this.kind = kind;
    this.status = facts.status ?? 0;
    this.code = facts.code ?? '';
    this.details = facts.details ?? {};
    this.requestId = facts.requestId ?? null;
  }
}

export type Binary = { type: 'image' | 'file'; filename: string; contentType: string; bytes: Uint8Array };
export type Asset = { type: 'text'; text: string } | { type: 'link'; url: string } | Binary;
export type Target = null | { displayId: string } | { displayIds: string[] };
type Ticketed = z.infer<typeof TicketedShape>;
type Query = Record<string, string | number>;

const FailureShape = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    requestId: z.string().min(1),
    details: z.record(z.string(), z.unknown()),
  }),
});

const KINDS: Record<number, string> = {
  403: 'PermissionDenied',
  404: 'NotFound',
  409: 'Conflict',
  413: 'PayloadTooLarge',
  429: 'RateLimit',
};

/** Acts as the vendor's client is described to act, and is as strict. */
export class SdkClient {
  readonly #base: string;
  readonly #token: string;
  readonly #newKey: () => string;

  constructor({ baseUrl, token, newKey }: { baseUrl: string; token: string; newKey: () => string }) {
    this.#base = `${baseUrl}/api/sdk/v1`;
    this.#token = token;
    this.#newKey = newKey;
  }

  readonly displays = {
    list: (query: Query = {}) => this.#get('/displays', pageShape(DisplayShape), query),
    get: (id: string) => this.#get(`/displays/${id}`, DisplayShape),
    queue: (id: string, query: Query = {}) => this.#get(`/displays/${id}/queue`, pageShape(QueueItemShape), query),
    current: (id: string, query: Query = {}) =>
      this.#get(
        `/displays/${id}/current-presentation`,
        z.object({ presentation: PresentationShape.nullable() }),
        query,
      ),
    show: (id: string, presentationId: string) =>
      this.#post(`/displays/${id}/current`, z.object({ display: DisplayShape }), { body: { presentationId } }),
    advance: (id: string) =>
      this.#post(`/displays/${id}/advance`, z.object({ display: DisplayShape, changed: z.boolean() }), {}),
  };

  readonly contents = {
    create: (assets: readonly Asset[], title: string | null = null, key = this.#newKey()) =>
      this.#createContent(assets, title, key),
    upload: (assets: readonly Asset[], title: string | null = null, key = this.#newKey()) =>
      this.#uploadContent(assets, title, key),
    tickets: (id: string, assetIndexes: readonly number[]) =>
      this.#post(`/contents/${id}/upload-tickets`, TicketedShape, { body: { assetIndexes } }),
    get: (id: string) => this.#get(`/contents/${id}`, ContentShape),
    list: (query: Query = {}) => this.#get('/contents', pageShape(ContentShape), query),
  };

  readonly analyses = {
    create: (body: Record<string, unknown>, key = this.#newKey()) =>
      this.#post('/analyses', AnalysisShape, { key, body: { ...ANALYSIS, ...body } }),
    get: (id: string) => this.#get(`/analyses/${id}`, AnalysisShape),
    list: (query: Query = {}) => this.#get('/analyses', pageShape(AnalysisShape), query),
    events: (id: string, query: Query = {}) => this.#get(`/analyses/${id}/events`, EventPageShape, query),
    stream: (id: string) => this.#stream(id),
    archive: (id: string) => this.#get(`/analyses/${id}/archive`, z.object({ url: z.string() })),
  };

  readonly presentations = {
    get: (id: string, query: Query = {}) => this.#get(`/presentations/${id}`, PresentationShape, query),
    list: (query: Query = {}) => this.#get('/presentations', pageShape(PresentationShape), query),
    rendition: (id: string, body: unknown) => this.#post(`/presentations/${id}/renditions`, RenditionShape, { body }),
  };

  /** One call each, with the same key twice, as the client's own helpers do it. */
  readonly push = {
    hardcode: async (displayId: string, picture: Binary) => {
      const key = this.#newKey();
      const content = await this.#uploadContent([picture], null, key);
      const body = { mode: 'direct', contentIds: [content.id], target: { displayId } };
      return { content, analysis: await this.analyses.create(body, key) };
    },
    manual: (displayId: string, assets: readonly Asset[], title: string | null = null) =>
      this.#push(assets, title, { displayId }),
    auto: (assets: readonly Asset[], title: string | null = null) => this.#push(assets, title, null),
  };

  async #push(assets: readonly Asset[], title: string | null, target: Target) {
    const key = this.#newKey();
    const content = await this.#uploadContent(assets, title, key);
    return { content, analysis: await this.analyses.create({ contentIds: [content.id], title, target }, key) };
  }

  async #createContent(assets: readonly Asset[], title: string | null, key: string): Promise<Ticketed> {
    const described = assets.map((asset) => {
      if (!('bytes' in asset)) return asset;
      const { bytes, ...rest } = asset;
      return { ...rest, sizeBytes: bytes.length };
    });
    const made = await this.#post('/contents', TicketedShape, { key, body: { title, assets: described } });
    demandTickets(
      made,
      assets.flatMap((asset, index) => ('bytes' in asset ? [index] : [])),
    );
    return made;
  }

  async #uploadContent(assets: readonly Asset[], title: string | null, key: string) {
    const { content, uploadTickets } = await this.#createContent(assets, title, key);
    await Promise.all(
      uploadTickets.map(async (ticket) => {
        const asset = assets[ticket.assetIndex];
        if (asset === undefined || !('bytes' in asset)) throw unreadable('a ticket for no asset');
        if (await upload(ticket, asset)) return;
        const again = await this.contents.tickets(content.id, [ticket.assetIndex]);
        demandTickets(again, [ticket.assetIndex]);
        const [second] = again.uploadTickets;
        if (second === undefined || !(await upload(second, asset))) {
          throw new SdkError('AssetUpload', { message: `asset ${ticket.assetIndex} of ${content.id}` });
        }
      }),
    );
    return content;
  }

  async #stream(id: string): Promise<z.infer<typeof EventShape>[]> {
    const response = await this.#send('GET', `/analyses/${id}/events/stream`, { accept: 'text/event-stream' });
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) throw unreadable('no event stream');
    const text = await response.text();
    if (!text.endsWith('event: end\n\n')) throw unreadable('the stream has no end');
    const data = text.split('\n').filter((line) => line.startsWith('data:'));
    return data.map((line) => EventShape.parse(JSON.parse(line.slice('data:'.length))));
  }

  async #get<T>(path: string, shape: z.ZodType<T>, query: Query = {}): Promise<T> {
    const search = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const suffix = search.size === 0 ? '' : `?${search}`;
    return read(await this.#send('GET', `${path}${suffix}`, {}), shape);
  }

  async #post<T>(path: string, shape: z.ZodType<T>, { body, key }: { body?: unknown; key?: string }): Promise<T> {
    const headers = {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    return read(await this.#send('POST', path, headers, body === undefined ? undefined : JSON.stringify(body)), shape);
  }

  async #send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Response> {
    const authorization = `Bearer ${this.#token}`;
    const init = {
      method,
      headers: { accept: 'application/json', ...headers, authorization },
      redirect: 'error',
    } as const;
    const response = await fetch(`${this.#base}${path}`, { ...init, ...(body !== undefined && { body }) });
    if (!response.ok) throw await failure(response);
    return response;
  }
}

/** The seven fields of an analysis that are always sent. */
const ANALYSIS = {
  mode: 'ai',
  contentIds: [],
  context: 'submitted',
  scope: null,
  intent: null,
  title: null,
  target: null,
};

function demandTickets({ uploadTickets }: Ticketed, indexes: readonly number[]): void {
  const given = uploadTickets.map(({ assetIndex }) => assetIndex).sort((a, b) => a - b);
  if (given.join() !== [...indexes].sort((a, b) => a - b).join()) throw unreadable(`tickets for ${given.join()}`);
}

async function upload(ticket: Ticketed['uploadTickets'][number], asset: Binary): Promise<boolean> {
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
  form.append('file', new Blob([Buffer.from(asset.bytes)], { type: asset.contentType }), asset.filename);
  const response = await fetch(ticket.url, { method: 'POST', body: form, redirect: 'error' });
  await response.arrayBuffer();
  return response.ok;
}

async function read<T>(response: Response, shape: z.ZodType<T>): Promise<T> {
  if (!/application\/json|\+json/.test(response.headers.get('content-type') ?? '')) throw unreadable('no JSON');
  if ((response.headers.get('x-request-id') ?? '') === '') throw unreadable('no request id');
  const parsed = shape.safeParse(await response.json());
  if (!parsed.success) throw unreadable(z.prettifyError(parsed.error));
  return parsed.data;
}

async function failure(response: Response): Promise<SdkError> {
  const requestId = response.headers.get('x-request-id');
  const parsed = FailureShape.safeParse(await response.json());
  if (!parsed.success || parsed.data.error.requestId !== requestId) throw unreadable('not the error envelope');
  const { status } = response;
  const { code } = parsed.data.error;
  const badKey = code === 'authentication_failed' ? 'AuthenticationFailed' : 'InvalidSecretKey';
  const kind = status === 401 ? badKey : (KINDS[status] ?? 'Api');
  return new SdkError(kind, { status, ...parsed.data.error });
}

function unreadable(message: string): SdkError {
  return new SdkError('InvalidResponse', { message });
}
