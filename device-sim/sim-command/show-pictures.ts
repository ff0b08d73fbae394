import {
  Epd,
  type Frame,
  HardwareError,
  type PanelSpec,
  panelModes,
  RefreshPolicy,
  type ShowMode,
  UNKNOWN_GLASS,
} from '../../hardware/index.js';
import { packFrame, RenderError, renderFrame } from '../../render/index.js';
import type { LintFault } from '../epd/lint.js';
import type { SimPanel } from '../epd/sim-panel.js';
import { timedPanel } from './timed-panel.js';

/** A picture to show, and the name by which to tell of it. */
export type NamedPicture = { name: string; bytes: Uint8Array };

/** How one picture came onto the glass. */
export type ShownPicture = {
  picture: string;
  mode: ShowMode;
  /** Why the refresh policy chose the mode; `asked` if it was not asked. */
  reason: string;
  /** Waking, sending, driving; with the bus at the panel's clock. */
  tookMs: number;
  /** The share that is the panel's own. */
  busyMs: number;
  bytes: number;
  /** False if the glass showed the picture already. */
  driven: boolean;
};

export type ShowResult = {
  shown: readonly ShownPicture[];
  lint: readonly LintFault[];
  frameSha256: string;
  /** Of what an observer sees, in the inks of the last picture. */
  glassSha256: string;
  panel: SimPanel;
};

type Plan = { name: string; frame: Frame; mode: ShowMode | undefined };

/**
 * Shows pictures, one after the other, on a simulated panel by the real driver. The last is shown in `mode`, all others
 * as the refresh policy chooses; in between the panel sleeps for as long as the vendor advises.
 * @throws HardwareError `epd.no-such-mode`, and what the driver throws; RenderError of a picture
 */
export async function showPictures({
  id,
  spec,
  pictures,
  mode,
}: {
  id: string;
  spec: PanelSpec;
  pictures: readonly NamedPicture[];
  mode: ShowMode | undefined;
}): Promise<ShowResult> {
  const plans = await plansFor(spec, pictures, mode);
  const wires = timedPanel({ id, spiHz: spec.spiHz });
  const { panel, port, clock } = wires;
  const epd = new Epd({ spec, port, clock });
  const policy = new RefreshPolicy(spec);
  const shown: ShownPicture[] = [];
  let history = UNKNOWN_GLASS;
  for (const [at, { name, frame, mode: asked }] of plans.entries()) {
    if (at > 0) await clock.sleep(spec.limits.advisedIntervalMs);
    const choice = asked === undefined ? policy.choose(frame, history, clock.now()) : { mode: asked, reason: 'asked' };
    const bytesBefore = wires.bytesSent;
    const { window, tookMs, busyMs } = await epd.show(frame, choice.mode);
    const { reason } = choice;
    const bytes = wires.bytesSent - bytesBefore;
    shown.push({ picture: name, mode: choice.mode, reason, tookMs, busyMs, bytes, driven: window !== undefined });
    if (choice.mode !== 'grey') history = policy.after({ mode: choice.mode }, frame, history, clock.now());
    await epd.sleep();
  }
  const last = plans.at(-1)?.frame;
  return {
    shown,
    lint: panel.lint.found,
    frameSha256: last?.sha256 ?? '',
    glassSha256: panel.glass.frame(inksFor(spec, mode).length).sha256,
    panel,
  };
}

async function plansFor(
  spec: PanelSpec,
  pictures: readonly NamedPicture[],
  mode: ShowMode | undefined,
): Promise<Plan[]> {
  if (mode !== undefined && spec[mode] === undefined) {
    const has = panelModes(spec).join(', ');
    throw new HardwareError('epd.no-such-mode', `${spec.name} has no ${mode} refresh; it has ${has}`);
  }
  const plans: Plan[] = [];
  for (const [at, { name, bytes }] of pictures.entries()) {
    const ofThis = at === pictures.length - 1 ? mode : undefined;
    plans.push({ name, frame: await drawn({ name, bytes }, spec, inksFor(spec, ofThis)), mode: ofThis });
  }
  // A partial refresh changes a glass that is known.
  if (mode === 'partial' && plans.length === 1)
    plans.unshift({ name: 'white', frame: whiteFrame(spec), mode: undefined });
  return plans;
}

async function drawn({ name, bytes }: NamedPicture, { width, height }: PanelSpec, inks: readonly string[]) {
  const page = { title: null, text: null, align: 'start', qr: null, fit: 'fit', pictures: [bytes] } as const;
  return await renderFrame({ kind: 'page', page }, { width, height, inks }).catch((cause: unknown) => {
    if (cause instanceof RenderError) throw new RenderError(cause.code, `${name}: ${cause.message}`, { cause });
    throw cause;
  });
}

function inksFor({ inks, grey }: PanelSpec, mode: ShowMode | undefined): readonly string[] {
  return mode === 'grey' && grey !== undefined ? grey.inks : inks;
}

function whiteFrame({ width, height, inks }: PanelSpec): Frame {
  return packFrame(new Uint8Array(width * height).fill(inks.indexOf('white')), width, height, inks.length);
}
