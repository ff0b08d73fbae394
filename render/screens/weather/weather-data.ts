import { z } from 'zod';
import { WordsSchema } from '../fields.js';
import { DaySchema, InstantSchema } from '../settings.js';

/** What the sky does, in the words of our icons. */
const CONDITIONS = [
  'clear',
  'partly-cloudy',
  'cloudy',
  'fog',
  'showers',
  'rain',
  'heavy-rain',
  'sleet',
  'snow',
  'heavy-snow',
  'hail',
  'thunder',
  'thunder-rain',
  'wind',
  'tornado',
] as const;

export type Condition = (typeof CONDITIONS)[number];

const ConditionSchema = z.enum(CONDITIONS);
const CelsiusSchema = z.number().min(-100).max(100).describe('degrees Celsius');
const ShareSchema = z.number().min(0).max(1);
const MillimetresSchema = z.number().min(0).max(2_000);

export const PlaceSchema = WordsSchema.optional();

export const CurrentSchema = z.strictObject({
  condition: ConditionSchema,
  night: z.boolean().default(false),
  words: WordsSchema.optional().describe('the weather in the language of the household'),
  temperatureC: CelsiusSchema,
  feelsLikeC: CelsiusSchema.optional(),
  humidity: ShareSchema.optional().describe('0 to 1'),
  windMps: z.number().min(0).max(200).optional().describe('metres a second'),
  precipitationMm: MillimetresSchema.optional().describe('of the day'),
});

export const HourSchema = z.strictObject({
  at: InstantSchema,
  condition: ConditionSchema.optional(),
  night: z.boolean().default(false),
  temperatureC: CelsiusSchema.optional(),
  precipitationMm: MillimetresSchema.optional(),
});

export const DayForecastSchema = z.strictObject({
  day: DaySchema,
  condition: ConditionSchema.optional(),
  highC: CelsiusSchema.optional(),
  lowC: CelsiusSchema.optional(),
  precipitationChance: ShareSchema.optional().describe('0 to 1'),
});

export type Hour = z.output<typeof HourSchema>;
export type DayForecast = z.output<typeof DayForecastSchema>;
