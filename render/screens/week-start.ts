/** 0 for Sunday to 6 for Saturday, as `Date` counts. */
export type Weekday = 0 | 1 | 6;

/** Regions whose week does not begin on Monday; source: CLDR 46 supplemental weekData, firstDay. */
const SUNDAY =
  'AG AS AU BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW';
const SATURDAY = 'AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY';

/** The day on which weeks of the region begin. */
export function weekStartOf(region: string): Weekday {
  if (SUNDAY.split(' ').includes(region)) return 0;
  return SATURDAY.split(' ').includes(region) ? 6 : 1;
}
