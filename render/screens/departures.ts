import { z } from 'zod';
import type { SceneNode } from '../scene/schema.js';
import type { ScreenContext } from './context.js';
import { defineScreen } from './define-screen.js';
import { WordsSchema } from './fields.js';
import { header, headerHeight } from './header.js';
import { column, faintRule, icon, leading, linesHeight, row, sceneOf, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { InstantSchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

const MINUTE_MS = 60_000;
/** Farther off than this people want the time, not the minutes. */
const SOON_MS = 60 * MINUTE_MS;

const MOST_GROWTH = 1.4;

const DepartureSchema = z.strictObject({
  line: z.string().trim().min(1).max(12),
  to: WordsSchema,
  at: InstantSchema.describe('as planned'),
  expected: InstantSchema.optional().describe('as it will be, when it is late'),
  platform: z.string().trim().min(1).max(8).optional(),
  cancelled: z.boolean().default(false),
});

type Departure = z.output<typeof DepartureSchema>;

/** What leaves from a stop next: line, destination and how long still. */
export const departures = defineScreen({
  shows: 'What leaves from a stop next, late and cancelled ones too',
  data: z.strictObject({ now: InstantSchema, stop: WordsSchema, departures: z.array(DepartureSchema).max(100) }),
  build: ({ now, stop, departures: all }, context) => {
    const scale = TYPE_SCALES[context.size];
    const roomPx = context.height - 2 * scale.margin - headerHeight(context);
    const next = all.filter((departure) => leaves(departure) > now - MINUTE_MS).sort((a, b) => leaves(a) - leaves(b));
    const leastPx = linesHeight(scale.body) + Math.round(scale.gap * 1.5);
    const shown = next.slice(0, Math.max(1, Math.floor(roomPx / leastPx)));
    const rowPx = Math.floor(Math.min(leastPx * MOST_GROWTH, roomPx / Math.max(1, shown.length)));
    const widest = Math.max(2, ...shown.map(({ line }) => line.length));
    const badgePx = Math.round(scale.body * Math.min(4, 0.7 * widest + 0.7));
    const rows = shown.map((departure) => departureRow(context, departure, now, rowPx, badgePx));
    const nothing = column([icon('moon', scale.headline, { alignSelf: 'centre' })], { grow: 1, justify: 'centre' });
    const lines = rows.flatMap((line, index) => (index === 0 ? [line] : [faintRule(context), line]));
    return {
      scene: sceneOf(
        context,
        column(
          [
            header(context, { title: stop, icon: 'clock', aside: context.formats.time(now) }),
            rows.length === 0 ? nothing : column(lines),
          ],
          { padding: scale.margin },
        ),
      ),
    };
  },
});

function departureRow(
  context: ScreenContext,
  departure: Departure,
  now: number,
  rowPx: number,
  badgePx: number,
): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { accent, muted } = paletteFor(context);
  const { line, to, at, expected, platform, cancelled } = departure;
  const stillMs = leaves(departure) - now;
  const roomy = context.width > 24 * scale.body;
  const late = expected === undefined ? 0 : Math.round((expected - at) / MINUTE_MS);
  const badge: SceneNode = {
    type: 'box',
    ink: cancelled ? 'background' : 'text',
    border: scale.rule,
    radius: Math.round(scale.gap / 2),
    width: badgePx,
    height: linesHeight(scale.body),
    child: column(
      [
        text(
          line,
          { min: Math.round(scale.caption * 0.8), max: Math.round(scale.body * 0.9) },
          { bold: true, align: 'centre', ink: cancelled ? 'text' : 'background' },
        ),
      ],
      { justify: 'centre', padding: { left: 2, right: 2 } },
    ),
  };
  const when = stillMs < SOON_MS ? context.formats.soon(stillMs) : context.formats.time(leaves(departure));
  return row(
    context,
    [
      badge,
      text(to, scale.body, { grow: 1, align: leading(context, to), ink: cancelled ? muted : 'text' }),
      platform === undefined || !roomy ? undefined : platformSign(context, platform),
      late === 0 || cancelled ? undefined : text(signed(context, late), scale.caption, { ink: accent, bold: true }),
      roomy && (stillMs < SOON_MS || cancelled)
        ? text(context.formats.time(leaves(departure)), scale.caption, { ink: muted, tabular: true })
        : undefined,
      cancelled
        ? icon('cross-circle', Math.round(scale.body * 1.1), { ink: accent })
        : text(when, scale.body, { bold: true, tabular: true, align: 'end', minWidth: Math.round(scale.body * 3.2) }),
    ],
    { gap: scale.gap, height: rowPx - 1 },
  );
}

function platformSign(context: ScreenContext, platform: string): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const sign = column([text(platform, Math.round(scale.caption * 0.9), { align: 'centre' })], {
    justify: 'centre',
    padding: { left: Math.round(scale.gap / 2), right: Math.round(scale.gap / 2) },
  });
  return {
    type: 'box',
    border: 1,
    minWidth: linesHeight(scale.caption),
    height: linesHeight(scale.caption),
    child: sign,
  };
}

function leaves({ at, expected }: Departure): number {
  return expected ?? at;
}

function signed({ formats }: ScreenContext, minutes: number): string {
  return minutes < 0 ? `\u2212${formats.number(-minutes)}` : `+${formats.number(minutes)}`;
}
