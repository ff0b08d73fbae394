/** The time of day where the household lives. */
export class LocalTime {
  readonly #format: Intl.DateTimeFormat;

  /** `timeZone` is an IANA name; the machine's if absent. */
  constructor(timeZone?: string) {
    this.#format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  }

  /** 0 to 23. */
  hour(ms: number): number {
    return Number(this.#format.formatToParts(ms).find(({ type }) => type === 'hour')?.value);
  }

  /** Hours and minutes, with the zone where it is nobody's. */
  time(ms: number): string {
    const zone = this.#format.resolvedOptions().timeZone === 'UTC' ? ' UTC' : '';
    return `${this.#format.format(ms)}${zone}`;
  }
}
