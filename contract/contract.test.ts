import { describe, expect, test } from 'vitest';
import {
  CommandSchema,
  deviceTopics,
  HeartbeatSchema,
  HubEventSchema,
  MAX_PAYLOAD_BYTES,
  NewAnalysisSchema,
  ProblemSchema,
  parseJson,
  parseMessage,
  parseUpTopic,
  StateSchema,
  SyncReplySchema,
  SyncRequestSchema,
  UnknownCommandSchema,
} from './index.js';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const AT = '2026-03-01T07:00:00.000Z';
const SHA = 'a'.repeat(64);

const envelope = {
  v: 1,
  gen: '1-abc',
  cmdId: ID,
  downSeq: 1,
  slot: `frame:${ID}`,
  rev: 1,
  issuedAt: AT,
  deadlineAt: null,
  remainingMs: null,
};

const page = { title: null, text: 'Bread', align: 'start', qr: null, pictures: [], fit: 'fit' };

const BODIES = {
  text: { displayId: ID, presentationId: ID, askedAt: AT, page },
  image: {
    displayId: ID,
    presentationId: ID,
    askedAt: AT,
    page: { ...page, pictures: [{ sha256: SHA, contentType: 'image/png', sizeBytes: 9 }] },
  },
  claim_code: {
    requestId: ID,
    code: 'BCDF-GHJK',
    url: 'http://127.0.0.1/bind?code=BCDF-GHJK',
    word: 'otter',
    expiresAt: AT,
  },
  claim_asked: { claimId: ID, householdName: 'Home', word: 'otter', expiresAt: AT },
  claim_over: {},
  bound: { householdId: ID, householdName: 'Home', adopts: ID },
  unbound: { reason: 'released' },
  identify: { displayId: ID, showForS: 30 },
  refresh: { displayId: ID },
  config: { heartbeatIntervalS: 60 },
  reboot: {},
  update: { url: 'https://127.0.0.1/u', version: '2', sha256: SHA, sizeBytes: 1 },
  rotate: { reason: 'age' },
};

describe('commands', () => {
  test.each(Object.entries(BODIES))('a %s command is taken, with keys that we do not know', (kind, body) => {
    const parsed = CommandSchema.parse({ ...envelope, kind, body: { ...body, tomorrow: 1 }, tomorrow: true });
    expect(parsed.kind).toBe(kind);
    expect(parsed.body).toEqual(body);
  });

  test('a wrong type is refused with its path and a reason', () => {
    const refused = parseMessage(CommandSchema, { ...envelope, kind: 'text', body: { ...BODIES.text, askedAt: 7 } });
    expect(refused).toMatchObject({ ok: false, refusals: [{ path: 'body.askedAt' }] });
    expect(refused.ok ? '' : refused.refusals[0]?.reason).toMatch(/string/);
  });

  test('a claim code with a vowel or a digit is refused', () => {
    for (const code of ['ABCD-FGHJ', 'BCDF-GHJ1', 'BCDFGHJK']) {
      expect(
        CommandSchema.safeParse({ ...envelope, kind: 'claim_code', body: { ...BODIES.claim_code, code } }).success,
      ).toBe(false);
    }
  });

  test('a kind of tomorrow keeps its envelope, so that it can be answered', () => {
    const command = { ...envelope, kind: 'dance', body: { steps: 3 } };
    expect(CommandSchema.safeParse(command).success).toBe(false);
    expect(UnknownCommandSchema.parse(command).kind).toBe('dance');
  });

  test('the longest title and text still fit one MQTT message, in a script of three bytes a letter', () => {
    const longest = { ...BODIES.text, page: { ...page, title: '界'.repeat(500), text: '界'.repeat(20_000) } };
    const bytes = Buffer.byteLength(JSON.stringify({ ...envelope, kind: 'text', body: longest }));
    expect(CommandSchema.safeParse({ ...envelope, kind: 'text', body: longest }).success).toBe(true);
    expect(bytes).toBeLessThan(MAX_PAYLOAD_BYTES);
  });
});

describe('topics', () => {
  test('an up topic is taken apart as it was put together', () => {
    expect(parseUpTopic(deviceTopics('inklet-a').requestClaim)).toEqual({
      thingName: 'inklet-a',
      kind: 'request_claim',
    });
  });

  test.each([
    'inklet/dev/a/down/cmd',
    'inklet/dev/a/b/up/state',
    'inklet/dev/+/up/state',
    'inklet/dev/a/up/state/x',
    '',
  ])('no hub speaks on %s', (topic) => {
    expect(parseUpTopic(topic)).toBeUndefined();
  });
});

describe('sync', () => {
  const request = {
    v: 1,
    epoch: '0'.repeat(32),
    boot: ID,
    monoNow: 12.5,
    wallNow: AT,
    wq: 2,
    after: { 0: { seq: 3, id: ID } },
    logs: [
      {
        lane: 0,
        first: 4,
        lastId: ID,
        events: [
          {
            id: ID,
            type: 'hub.started',
            tv: 1,
            boot: ID,
            mono: 1,
            wall: AT,
            wq: 2,
            body: { version: '1', bootId: ID },
          },
        ],
      },
    ],
    regs: [],
    gaps: [],
    downGen: null,
    downAcked: 0,
    freeBytes: null,
    want: { down: 100 },
  };

  test('a whole request is taken as it is', () => {
    expect(SyncRequestSchema.parse(request)).toEqual(request);
  });

  test('a lane that does not exist is refused by its path', () => {
    const wrong = { ...request, logs: [{ ...request.logs[0], lane: 4 }] };
    expect(parseMessage(SyncRequestSchema, wrong)).toMatchObject({ ok: false, refusals: [{ path: 'logs.0.lane' }] });
  });

  test('a reply carries commands, tombstones and kinds of tomorrow side by side', () => {
    const reply = {
      v: 1,
      gen: '1-abc',
      now: AT,
      acks: { 0: 4 },
      regAcks: [['queue', 3]],
      rejects: [],
      holes: [],
      down: [
        { ...envelope, kind: 'refresh', body: BODIES.refresh },
        { v: 1, gen: '1-abc', cmdId: ID, downSeq: 2, slot: 's', rev: 1, tombstone: 'superseded' },
        { ...envelope, downSeq: 3, kind: 'dance', body: {} },
      ],
      downNext: 4,
      finalUpto: 0,
      window: { events: 500, bytes: 262_144 },
      retryMs: null,
      spreadMs: null,
      epochState: 'open',
    };
    expect(SyncReplySchema.parse(reply)).toEqual(reply);
  });

  test('an event body of version 1 is checked by its type', () => {
    expect(HubEventSchema.safeParse({ type: 'cmd.result', body: { cmdId: 'x' } }).success).toBe(false);
  });
});

describe('the target of an analysis', () => {
  const OTHER = '01890a5d-ac96-774b-bcce-b302099a8058';
  const order = { mode: 'direct', contentIds: [ID], context: 'submitted' };

  test.each([{ displayId: OTHER }, { displayIds: [ID, OTHER] }, { output: { formats: ['png'] } }])(
    '%j is taken, with keys that we do not know',
    (target) => {
      const given = { ...order, target: { ...target, tomorrow: 1 } };
      expect(NewAnalysisSchema.parse(given).target).toEqual(target);
    },
  );

  test.each([
    {},
    { tomorrow: 1 },
    { displayId: ID, displayIds: [OTHER] },
    { displayId: ID, output: {} },
    { displayIds: [] },
  ])('%j is refused: it names no target, or two', (target) => {
    expect(parseMessage(NewAnalysisSchema, { ...order, target })).toMatchObject({
      ok: false,
      refusals: [{ path: expect.stringMatching(/^target/) }],
    });
  });
});

test('JSON that is broken, or not UTF-8, is a refusal and no exception', () => {
  for (const json of ['{', '', new Uint8Array([0xff, 0xfe]), 'null']) {
    expect(parseJson(HeartbeatSchema, json)).toMatchObject({ ok: false, refusals: [{ path: '' }] });
  }
});

test('a problem always carries code, message, requestId and details', () => {
  const error = { code: 'not_found', message: 'no', requestId: 'r', details: {} };
  expect(ProblemSchema.safeParse({ error }).success).toBe(true);
  for (const key of Object.keys(error)) {
    expect(ProblemSchema.safeParse({ error: { ...error, [key]: undefined } }).success).toBe(false);
  }
});

describe('states', () => {
  const display = {
    displayId: ID,
    name: 'Kitchen',
    kind: 'wired',
    panel: '7in3e',
    width: 800,
    height: 480,
    inks: ['black', 'white', 'yellow', 'red', 'blue', 'green'],
    currentPresentationId: null,
    pendingPresentationId: null,
    frameSha256: null,
    updatedAt: AT,
  };
  const facts = { hwId: 'a'.repeat(20), model: 'inklet-hub-1', version: '1', bound: true };
  const state = (more: object) => ({ v: 1, at: AT, rev: 1, ...facts, displays: [{ ...display, ...more }] });

  test('a display without a profile is read, as hubs of before send it', () => {
    expect(StateSchema.parse(state({})).displays).toEqual([display]);
  });

  test('a display is read with its profile, and what is not known of it is left', () => {
    const displays = StateSchema.parse(state({ profile: 'spectra6-spectro', ofTomorrow: 1 })).displays;
    expect(displays).toEqual([{ ...display, profile: 'spectra6-spectro' }]);
  });
});
