import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCalendar, readCalendar } from './icalendar.js';

const WINDOW = { firstDay: '2026-03-23', lastDay: '2026-04-05', timeZone: 'Europe/Berlin' };

function calendar(...events: string[]): string {
  const bodies = events.map((event) => `BEGIN:VEVENT\r\n${event.trim().replaceAll('\n', '\r\n')}\r\nEND:VEVENT\r\n`);
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${bodies.join('')}END:VCALENDAR\r\n`;
}

/** Each event as `title first..last HH:MM` in Berlin. */
function shown(text: string, window = WINDOW): string[] {
  return readCalendar(text, window).events.map(({ title, allDay, firstDay, lastDay, startMs }) => {
    const clock = { timeZone: window.timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    const time = allDay ? '' : ` ${new Intl.DateTimeFormat('en', clock).format(startMs)}`;
    return `${title} ${firstDay}${lastDay === firstDay ? '' : `..${lastDay}`}${time}`;
  });
}

test('times with a zone, in UTC and without one, days, and lengths come out in the zone of the household', () => {
  const text = calendar(
    'SUMMARY:Zone\nDTSTART;TZID=America/New_York:20260326T180000\nDURATION:PT2H',
    'SUMMARY:Utc\nDTSTART:20260326T070000Z\nDTEND:20260326T080000Z',
    'SUMMARY:Floating\nDTSTART:20260326T090000',
    'SUMMARY:Day\nDTSTART;VALUE=DATE:20260326',
    'SUMMARY:Trip\nDTSTART;VALUE=DATE:20260327\nDTEND;VALUE=DATE:20260330',
    'SUMMARY:Week\nDTSTART;VALUE=DATE:20260321\nDURATION:P1W',
    'SUMMARY:Late\nDTSTART:20260326T200000Z\nDTEND:20260326T230000Z',
    'SUMMARY:Before\nDTSTART;VALUE=DATE:20260322',
  );
  expect(shown(text)).toEqual([
    'Week 2026-03-21..2026-03-27',
    'Day 2026-03-26',
    'Utc 2026-03-26 08:00',
    'Floating 2026-03-26 09:00',
    'Late 2026-03-26 21:00',
    'Zone 2026-03-26..2026-03-27 23:00',
    'Trip 2026-03-27..2026-03-29',
  ]);
});

test('a weekly event keeps its hour on the wall across a change of clocks, also in another zone than the reader', () => {
  const rule = 'RRULE:FREQ=WEEKLY;BYDAY=FR,MO';
  expect(shown(calendar(`SUMMARY:Choir\nDTSTART;TZID=Europe/Berlin:20260105T190000\n${rule}`))).toEqual([
    'Choir 2026-03-23 19:00',
    'Choir 2026-03-27 19:00',
    'Choir 2026-03-30 19:00',
    'Choir 2026-04-03 19:00',
  ]);
  expect(shown(calendar(`SUMMARY:Call\nDTSTART;TZID=Asia/Tokyo:20260105T190000\n${rule}`))).toEqual([
    'Call 2026-03-23 11:00',
    'Call 2026-03-27 11:00',
    'Call 2026-03-30 12:00',
    'Call 2026-04-03 12:00',
  ]);
});

test.each([
  ['FREQ=DAILY;UNTIL=20260325', ['2026-03-23', '2026-03-24', '2026-03-25']],
  ['FREQ=DAILY;INTERVAL=5', ['2026-03-23', '2026-03-28', '2026-04-02']],
  ['FREQ=WEEKLY;COUNT=10', ['2026-03-26']],
  ['FREQ=MONTHLY;BYDAY=-1SU', ['2026-03-29']],
  ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1', ['2026-04-01']],
  ['FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=1', ['2026-04-01']],
  ['FREQ=MONTHLY;BYMONTHDAY=31', ['2026-03-31']],
])('a day repeats by %s', (rule, days) => {
  const text = calendar(`SUMMARY:x\nDTSTART;VALUE=DATE:20260122\nRRULE:${rule}`);
  expect(shown(text).map((event) => event.slice(2))).toEqual(days);
});

test('an occurrence is left out, moved, cancelled and added', () => {
  const series = 'UID:a\nSUMMARY:Class\nDTSTART;TZID=Europe/Berlin:20260302T170000\nRRULE:FREQ=DAILY;COUNT=28';
  const text = calendar(
    `${series}\nEXDATE;TZID=Europe/Berlin:20260324T170000,20260325T170000\nEXDATE;VALUE=DATE:20260326\nRDATE;TZID=Europe/Berlin:20260401T100000`,
    'UID:a\nSUMMARY:Class moved\nRECURRENCE-ID;TZID=Europe/Berlin:20260327T170000\nDTSTART;TZID=Europe/Berlin:20260328T090000',
    'UID:a\nRECURRENCE-ID:20260328T160000Z\nDTSTART:20260328T160000Z\nSTATUS:CANCELLED',
  );
  expect(shown(text)).toEqual([
    'Class 2026-03-23 17:00',
    'Class moved 2026-03-28 09:00',
    'Class 2026-03-29 17:00',
    'Class 2026-04-01 10:00',
  ]);
});

test('zones by the names of Windows, of a path and of another program are known, others are those of the household', () => {
  const zone = 'BEGIN:VTIMEZONE\r\nTZID:Mine\r\nX-LIC-LOCATION:Asia/Tokyo\r\nEND:VTIMEZONE\r\n';
  const text = calendar(
    'SUMMARY:a\nDTSTART;TZID=Eastern Standard Time:20260326T080000',
    'SUMMARY:b\nDTSTART;TZID=/example.org/2026a/Europe/London:20260326T080000',
    'SUMMARY:c\nDTSTART;TZID=Mine:20260326T080000',
    'SUMMARY:d\nDTSTART;TZID="Middle of nowhere":20260326T080000',
  ).replace('BEGIN:VEVENT', `${zone}BEGIN:VEVENT`);
  const times = shown(text).map((event) => event.replace(' 2026-03-26', ''));
  expect(times).toEqual(['c 00:00', 'd 08:00', 'b 09:00', 'a 13:00']);
});

test('folded lines, escapes and line ends of every kind are read', () => {
  const text = calendar('SUMMARY:Eggs\\, milk\\; br\n ead\\nand \\\\ \nDTSTART:20260326T070000Z');
  const [event] = readCalendar(text, WINDOW).events;
  expect(event?.title).toBe('Eggs, milk; bread\nand \\');
  expect(shown(text.replaceAll('\r\n', '\n'))).toEqual(shown(text));
});

test('what cannot be read is counted, and the rest is shown', () => {
  const text = calendar(
    'SUMMARY:Good\nDTSTART:20260326T070000Z',
    'SUMMARY:No start',
    'SUMMARY:No such day\nDTSTART;VALUE=DATE:20260230',
    'SUMMARY:Odd rule\nDTSTART:20260327T070000Z\nRRULE:FREQ=SOMETIMES',
    '??\nSUMMARY:Odd line\nDTSTART:20260328T070000Z',
  );
  const cut = text.slice(0, text.indexOf('END:VCALENDAR')).concat('BEGIN:VEVENT\nSUMMARY:Cut off\nDTSTA');
  expect(shown(cut)).toEqual(['Good 2026-03-26 08:00', 'Odd rule 2026-03-27 08:00', 'Odd line 2026-03-28 08:00']);
  expect(readCalendar(cut, WINDOW).unread).toBe(6);
});

test.each([
  'FREQ=SECONDLY',
  'FREQ=MINUTELY;COUNT=999999999',
  'FREQ=DAILY;COUNT=999999999',
  'FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5;BYSECOND=0,1,2,3,4,5',
  'FREQ=YEARLY;INTERVAL=NaN',
  'FREQ=DAILY;INTERVAL=0',
])('a rule made to take forever, %s, is left out and counted, many of them too', (rule) => {
  const event = `SUMMARY:x\nDTSTART:19700101T070000Z\nRRULE:${rule}`;
  const { events, unread } = readCalendar(calendar(...Array.from({ length: 500 }, () => event)), WINDOW);
  expect(events).toEqual([]);
  expect(unread).toBe(500);
});

test('a rule that never comes true ends', () => {
  const rules = ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=MONTHLY;BYDAY=9MO'];
  const text = calendar(...rules.map((rule) => `SUMMARY:x\nDTSTART:20200101T070000Z\nRRULE:${rule}`));
  expect(readCalendar(text, WINDOW).events).toEqual([]);
});

test('five megabytes of events are read, of which the window shows its own', () => {
  const events = Array.from({ length: 40_000 }, (_, index) => {
    const day = new Date(Date.UTC(2000, 0, 1 + index)).toISOString().slice(0, 10).replaceAll('-', '');
    return `UID:${index}\nSUMMARY:Event ${index}\nDESCRIPTION:${'words '.repeat(5)}\nDTSTART;TZID=Europe/Berlin:${day}T100000`;
  });
  const text = calendar(...events);
  expect(text.length).toBeGreaterThan(5e6);
  const { events: found, unread } = readCalendar(text, WINDOW);
  expect(found).toHaveLength(14);
  expect(unread).toBe(10_000);
});

test.each([
  '',
  'x',
  'BEGIN:VCALENDAR',
  '\u0000'.repeat(1e6),
  'a'.repeat(5e6),
  ' '.repeat(5e6),
  '\n;:'.repeat(1e6),
  'BEGIN:VEVENT\n'.repeat(1e5),
  'BEGIN:VCALENDAR\nBEGIN:VEVENT\nA;'.padEnd(5e6, 'A=B;'),
])('no text is a hang or a crash (%#)', (text) => {
  expect(readCalendar(text, WINDOW).events).toEqual([]);
});

test('a calendar is told from other text', () => {
  expect(isCalendar('\ufeffBEGIN:VCALENDAR\nVERSION:2.0')).toBe(true);
  expect(isCalendar('<html>')).toBe(false);
});

// 3,000 such rules took two minutes.
test('a rule that names every hour of every day counts as much work as it is', () => {
  const list = (length: number, from: number) => Array.from({ length }, (_, index) => index + from).join(',');
  const lists = `BYYEARDAY=${list(366, 1)};BYHOUR=${list(24, 0)}`;
  const event = `SUMMARY:x\nDTSTART:20250101T070000Z\nRRULE:FREQ=YEARLY;${lists}`;
  const { events, unread } = readCalendar(calendar(...Array.from({ length: 3_000 }, () => event)), WINDOW);
  expect(events.length).toBeLessThanOrEqual(2_000);
  expect(unread).toBeGreaterThan(2_500);
});

test('a calendar with letters changed, lost and doubled is read as far as it can be', () => {
  const text = calendar(
    'UID:a\nSUMMARY:Choir\nDTSTART;TZID=Europe/Berlin:20260105T190000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;BYDAY=FR,MO',
    'UID:a\nRECURRENCE-ID;TZID=Europe/Berlin:20260327T190000\nDTSTART;TZID=Europe/Berlin:20260328T090000\nSUMMARY:Moved',
    'UID:b\nSUMMARY:Trip\nDTSTART;VALUE=DATE:20260327\nDTEND;VALUE=DATE:20260330\nEXDATE;VALUE=DATE:20260401',
  );
  const edit = fc.record({
    at: fc.nat(text.length),
    lose: fc.nat(20),
    put: fc.string({ maxLength: 6, unit: 'binary' }),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
      const mutated = edits.reduce(
        (whole, { at, lose, put }) => whole.slice(0, at) + put + whole.slice(at + lose),
        text,
      );
      for (const { firstDay, lastDay, startMs, endMs } of readCalendar(mutated, WINDOW).events) {
        expect(firstDay <= WINDOW.lastDay && lastDay >= WINDOW.firstDay && firstDay <= lastDay).toBe(true);
        expect(endMs).toBeGreaterThanOrEqual(startMs);
      }
    }),
    { numRuns: 1_000 },
  );
});
