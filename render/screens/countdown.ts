import { z } from 'zod';
import type { SceneNode } from '../scene/schema.js';
import { defineScreen } from './define-screen.js';
import { WordsSchema } from './fields.js';
import { dayOf, daysBetween, startOfDay } from './local-time.js';
import { column, display, sceneOf, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { DaySchema, InstantSchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

const HOUR_MS = 3_600_000;
/** What a bold digit takes of its size in width. */
const DIGIT_WIDTH = 0.68;

/** How long still until a day or an hour that people wait for, or how long since. */
export const countdown = defineScreen({
  shows: 'How long still until a day that people wait for',
  data: z.strictObject({
    now: InstantSchema,
    title: WordsSchema,
    until: z.union([DaySchema, InstantSchema], { error: 'no day such as 2026-12-24, and no RFC 3339 time' }),
    since: InstantSchema.optional().describe('when the waiting began: draws how much of it is over'),
  }),
  build: ({ now, title, until, since }, context) => {
    const scale = TYPE_SCALES[context.size];
    const { accent, muted } = paletteFor(context);
    const { formats, timeZone } = context;
    const targetDay = typeof until === 'string' ? until : dayOf(until, timeZone);
    const targetMs = typeof until === 'string' ? startOfDay(until, timeZone) : until;
    const days = daysBetween(dayOf(now, timeZone), targetDay);
    const hours = typeof until !== 'string' && Math.abs(until - now) < 24 * HOUR_MS;
    const { number, unit } = hours ? formats.count(until - now) : formats.countDays(days);
    const numberPx = Math.min(
      context.height * 0.55,
      (context.width - 2 * scale.margin) / (DIGIT_WIDTH * Math.max(2, number.length)),
    );
    const share = since === undefined || targetMs <= since ? undefined : (now - since) / (targetMs - since);
    const date = formats.date(targetDay, 'full');
    const when = typeof until === 'string' ? date : `${date} \u00b7 ${formats.time(until)}`;
    const tiny = context.size === 'tiny';
    const bar: SceneNode | undefined =
      share === undefined || tiny
        ? undefined
        : {
            type: 'progress',
            share: Math.min(1, Math.max(0, share)),
            height: Math.max(6, Math.round(scale.gap * 0.8)),
          };
    const heading = { min: scale.body, max: Math.round(scale.title * (tiny ? 1 : 1.25)) };
    return {
      scene: sceneOf(
        context,
        column(
          [
            text(title, heading, { bold: true, align: 'centre', maxLines: 2 }),
            column(
              [
                display(number, numberPx, { align: 'centre', ink: accent }),
                unit === '' ? undefined : text(unit, tiny ? scale.body : scale.title, { align: 'centre' }),
              ],
              { grow: 1, justify: 'centre', gap: tiny ? 3 : Math.round(scale.gap * 1.5) },
            ),
            bar,
            text(when, { min: scale.caption - 1, max: scale.body }, { align: 'centre', ink: muted }),
          ],
          { padding: scale.margin, gap: tiny ? 3 : Math.round(scale.gap * 1.3) },
        ),
      ),
    };
  },
});
