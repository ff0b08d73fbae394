import { z } from 'zod';
import { isTimeZone } from './local-time.js';

const LocaleSchema = z
  .string()
  .max(60)
  .refine(isLocale, { error: 'no BCP 47 language tag such as en-GB, de or ar-EG' })
  .describe('language and region as a BCP 47 tag: words of dates, digits, direction, and what is left out below');

export const TimeZoneSchema = z
  .string()
  .max(60)
  .refine(isTimeZone, { error: 'no IANA time zone such as Europe/Berlin' })
  .describe('IANA time zone in which times are shown');

/** An instant as wires carry it, with `Z` or an offset. */
export const InstantSchema = z.iso
  .datetime({ offset: true, error: 'no RFC 3339 time such as 2026-03-29T08:15:00Z' })
  .transform((text) => Date.parse(text));

/** A day of the calendar in no zone. */
export const DaySchema = z.iso.date({ error: 'no day such as 2026-03-29' });

/** How a household reads; every screen takes it as `settings`. */
export const ScreenSettingsSchema = z.strictObject({
  locale: LocaleSchema.default('en-GB'),
  timeZone: TimeZoneSchema.default('UTC'),
  hourCycle: z.enum(['h12', 'h23']).optional().describe('12 or 24 hours; left out, what the locale is used to'),
  units: z.enum(['metric', 'imperial']).optional().describe('left out, what the region of the locale is used to'),
  weekStart: z
    .enum(['monday', 'saturday', 'sunday'])
    .optional()
    .describe('first day of a week; left out, what the region of the locale is used to'),
  theme: z.enum(['light', 'dark']).default('light').describe('dark words on light paper, or light words on dark'),
});

export type ScreenSettings = z.infer<typeof ScreenSettingsSchema>;

/** `settings` as every screen's schema takes it. */
export const SettingsFieldSchema = ScreenSettingsSchema.prefault({});

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
