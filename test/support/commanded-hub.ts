import { v7 } from 'uuid';
import type { Moment } from '../../hub/boot.js';
import { Executor } from '../../hub/executor/executor.js';
import { Intake } from '../../hub/executor/intake.js';
import { commandEffects, type PerformDeps } from '../../hub/executor/perform.js';
import { onPanel } from './hub-panel.js';
import { aText, test as base, eventsOf, PAGE, SILENT, settle } from './hub-site.js';

/** A hub from its inbox to its panel, which paints at once. */
export const test = base.extend('hub', ({ store, site }, { onCleanup }) => {
  const { database, boot, inbox, ledger, displays, presentations, binding, leaving, meta } = store;
  database.write(() => inbox.enterGen('g1'));
  const { display, panel, screens, ask } = onPanel(store, site);
  const { displayId } = display;
  const did: string[] = [];
  let quality: Moment['wq'] = 2;
  const own = { hasCode: false };
  const rotation: { rotate: PerformDeps['rotate'] } = { rotate: () => new Promise(() => undefined) };
  const perform = commandEffects({
    display: (id) => (id === displayId ? display : undefined),
    mainDisplay: () => display,
    displays,
    presentations,
    binding,
    leaving,
    meta,
    hubName: () => 'inklet-aaaaaaaaaaaaaaaa',
    reboot: async () => void did.push('reboot'),
    configChanged: () => void did.push('config'),
    rotate: (order) => rotation.rotate(order),
    hasOwnCode: () => own.hasCode,
    now: () => ({ ...boot.now(), wq: quality }),
  });
  const executor = new Executor({ inbox, ledger, perform, clock: site.clock, log: SILENT });
  const intake = new Intake({ database, inbox, ledger, hasDisplay: (id) => id === displayId, log: SILENT });
  executor.start();
  display.start();
  let downSeq = 0;
  const push = (kind: string, slot: string, body: object, more: object = {}) => {
    downSeq += 1;
    const command = { ...aText({ downSeq, displayId }), kind, slot, body, ...more };
    intake.take(command);
    return command.cmdId;
  };
  const paint = async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      await settle();
      await panel.end();
    }
  };
  const send = async (...command: Parameters<typeof push>) => {
    push(...command);
    await paint();
  };
  const show = (text: string) => {
    const body = { displayId, presentationId: v7(), askedAt: '2026-01-01T00:00:00.000Z', page: { ...PAGE, text } };
    push('text', `frame:${displayId}`, body);
    return body.presentationId;
  };
  const results = () => eventsOf(store).flatMap(({ type, body }) => (type === 'cmd.result' ? [body] : []));
  const distrustClock = () => {
    quality = 1;
  };
  onCleanup(async () => {
    const stopped = display.stop();
    await paint();
    await stopped;
    await executor.stop();
  });
  return { displayId, panel, screens, ask, did, push, paint, send, show, results, distrustClock, rotation, own };
});
