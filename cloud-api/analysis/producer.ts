import type { Failure, Page, PublicAnalysis } from '../../contract/index.js';
import type { Commands } from '../command/commands.js';
import type { AssetStore } from '../content/asset-store.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { isOnline } from '../device/presence.js';
import { type DisplayWithHub, selectDisplays } from '../display/display-view.js';
import { CloudError } from '../errors.js';
import { send } from '../presentation/show.js';
import { presentation, presentationPicture } from '../presentation/tables.js';
import { viewAnalysis } from './analysis-view.js';
import type { Order } from './check-analysis.js';
import { chooseDisplay } from './choose-display.js';
import { type LaidOut, layOut, layOutPicture, type ReadContent } from './lay-out.js';
import { readContents } from './read-contents.js';
import { begin, type Step, seqAfter } from './story.js';
import { analysis, analysisContent } from './tables.js';

/** An analysis that is about to be made. */
export type Task = { householdId: string; id: string; order: Order };

const DIRECT_TYPES = ['image/png', 'image/jpeg'];

/** Makes presentations of contents by rule, and sends them on their way. */
export class Producer {
  readonly #context: Pick<CloudContext, 'newId'>;
  readonly #commands: Pick<Commands, 'enqueueCommand'>;
  readonly #store: Pick<AssetStore, 'read'>;

  constructor(
    context: Pick<CloudContext, 'newId'>,
    { commands, store }: { commands: Pick<Commands, 'enqueueCommand'>; store: Pick<AssetStore, 'read'> },
  ) {
    this.#context = context;
    this.#commands = commands;
    this.#store = store;
  }

  /** Writes the analysis with its outcome, its story, its presentations and their commands, in the caller's transaction. */
  async produce(tx: Tx, task: Task, now: Date): Promise<PublicAnalysis> {
    const { householdId, id, order } = task;
    const contents = await readContents(tx, this.#store, order.contentIds, now);
    const laid = order.mode === 'direct' ? layOutDirect(contents) : layOut(contents, order.title);
    const displays = await this.#targets(tx, order, laid, now);
    const steps = storyOf(order, laid, displays.length);
    const row = await insertAnalysis(tx, task, { laid, nextSeq: seqAfter(steps) }, now);
    await begin(tx, { householdId, analysisId: id }, now, steps);
    const made = { title: titleOf(order, contents), displays };
    const presentationIds = laid.ok ? await this.#present(tx, task, { page: laid.page, ...made }, now) : [];
    return viewAnalysis(row, { contentIds: order.contentIds, presentationIds });
  }

  /** @throws CloudError `display_not_found`, `no_compatible_display` */
  async #targets(tx: Tx, { target }: Order, laid: LaidOut, now: Date): Promise<DisplayWithHub[]> {
    const all = await selectDisplays(tx);
    if (target === null) {
      const candidates = all.map((each) => ({
        ...each.display,
        online: isOnline(each.hub, now.getTime()),
        busy: each.display.pendingPresentationId !== null,
        each,
      }));
      const chosen = chooseDisplay(candidates, laid.ok && laid.page.pictures.length > 0);
      if (chosen === undefined) throw new CloudError('no_compatible_display', 'The household has no display.');
      return [chosen.each];
    }
    const ids = new Set('displayIds' in target ? target.displayIds : [target.displayId]);
    const chosen = all.filter(({ display }) => ids.has(display.id));
    if (chosen.length < ids.size) throw new CloudError('display_not_found', 'No display has this id.');
    // Always in one order: each command locks its hub, and two analyses must not wait for each other.
    return chosen.sort((a, b) => (a.hub.id + a.display.id < b.hub.id + b.display.id ? -1 : 1));
  }

  async #present(
    tx: Tx,
    { householdId, id: analysisId, order }: Task,
    { page, title, displays }: { page: Page; title: string | null; displays: readonly DisplayWithHub[] },
    now: Date,
  ): Promise<string[]> {
    const presentationIds: string[] = [];
    for (const { display, hub } of displays) {
      const presentationId = this.#context.newId();
      const showing = { householdId, hubId: hub.id, displayId: display.id, presentationId, page, askedAt: now };
      const commandId = await send(tx, this.#commands, showing);
      const { width, height, inks, profile } = display;
      const made = {
        householdId,
        id: presentationId,
        displayId: display.id,
        analysisId,
        mode: order.mode,
        title,
        page,
      };
      await tx.insert(presentation).values({
        ...made,
        ...{ width, height, inks, profile, commandId, state: 'queued', origin: 'cloud' },
        ...{ askedAt: now, createdAt: now, updatedAt: now },
      });
      const pictures = [...new Set(page.pictures.map(({ sha256 }) => sha256))];
      if (pictures.length > 0) {
        await tx
          .insert(presentationPicture)
          .values(pictures.map((sha256) => ({ householdId, presentationId, sha256 })));
      }
      presentationIds.push(presentationId);
    }
    return presentationIds;
  }
}

function layOutDirect(contents: readonly ReadContent[]): LaidOut {
  const assets = contents.flatMap((each) => each.assets);
  const [only] = assets;
  if (assets.length !== 1 || only?.type !== 'image' || !DIRECT_TYPES.includes(only.contentType ?? '')) {
    throw new CloudError('invalid_asset', 'direct takes a content of exactly one PNG or JPEG picture.');
  }
  return layOutPicture(only);
}

function titleOf(order: Order, contents: readonly ReadContent[]): string | null {
  return order.title ?? (contents.length === 1 ? (contents[0]?.title ?? null) : null);
}

async function insertAnalysis(
  tx: Tx,
  { householdId, id, order }: Task,
  { laid, nextSeq }: { laid: LaidOut; nextSeq: number },
  now: Date,
): Promise<typeof analysis.$inferSelect> {
  const { mode, intent, title, target, contentIds } = order;
  const asked = { householdId, id, mode, intent, title, target, nextSeq, createdAt: now, updatedAt: now };
  const row = laid.ok
    ? ({ ...asked, state: 'completed', outcome: 'presentations', failure: null } as const)
    : ({ ...asked, state: 'failed', outcome: null, failure: laid.failure } as const);
  await tx.insert(analysis).values(row);
  await tx
    .insert(analysisContent)
    .values(contentIds.map((contentId, place) => ({ householdId, analysisId: id, place, contentId })));
  return row;
}

function storyOf(order: Order, laid: LaidOut, displays: number): Step[] {
  const contents = order.contentIds.length;
  const counts = { contents, history: 0, displays, templates: 1 };
  const begun: Step[] = [
    { type: 'analysis.created', summary: 'The analysis was asked for.', data: null },
    { type: 'context.materialized', summary: `${contents} contents were read.`, data: counts },
  ];
  if (order.intent !== null) begun.push(warning(NOT_INTERPRETED));
  return laid.ok ? [...begun, ...success(laid.warnings, displays)] : [...begun, failed(laid.failure)];
}

const NOT_INTERPRETED =
  'The intent is kept but not interpreted: contents are laid out by fixed rules, without a model.';

function success(warnings: readonly string[], presentations: number): Step[] {
  const outcome = { outcome: 'presentations', presentations };
  return [
    ...warnings.map(warning),
    { type: 'plan.accepted', summary: 'The page is laid out.', data: { actions: presentations } },
    { type: 'analysis.completed', summary: `${presentations} presentations are on their way.`, data: outcome },
  ];
}

function failed({ code, message, assetIndex }: Failure): Step {
  return { type: 'analysis.failed', level: 'error', summary: message, data: { code, assetIndex } };
}

function warning(summary: string): Step {
  return { type: 'analysis.warning', level: 'warn', summary, data: null };
}
