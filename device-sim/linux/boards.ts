/** A GPIO chip as `gpiodetect` and `gpioinfo` list it. */
export interface BoardChip {
  /** Of `/dev/gpiochipN`. */
  readonly number: number;
  readonly label: string;
  readonly lines: number;
  /** Where the 40-pin header's GPIO 0 is on this chip; absent on the others. */
  readonly header?: number;
}

export interface Board {
  readonly chips: readonly BoardChip[];
  /** Whether the SPI controller can be told to leave its chip select alone. */
  readonly spiCanBeWithoutChipSelect: boolean;
  readonly source: string;
}

const SOC_CHIPS_PI_5 = [
  { label: 'gpio-brcmstb@107d508500', lines: 32 },
  { label: 'gpio-brcmstb@107d508520', lines: 4 },
  { label: 'gpio-brcmstb@107d517c00', lines: 17 },
  { label: 'gpio-brcmstb@107d517c20', lines: 6 },
];
const RP1 = { label: 'pinctrl-rp1', lines: 54, header: 0 };

/** The SPI controller of the Pi 5 refuses SPI_NO_CS: periph/devices, pull request 106. */
export const BOARDS = {
  'pi-3': {
    chips: [
      { number: 0, label: 'pinctrl-bcm2835', lines: 54, header: 0 },
      { number: 1, label: 'raspberrypi-exp-gpio', lines: 8 },
    ],
    spiCanBeWithoutChipSelect: true,
    source: 'nettings/gpioctl, issue 25; the second chip as on the Pi 4',
  },
  'pi-4': {
    chips: [
      { number: 0, label: 'pinctrl-bcm2711', lines: 58, header: 0 },
      { number: 1, label: 'raspberrypi-exp-gpio', lines: 8 },
    ],
    spiCanBeWithoutChipSelect: true,
    source: 'gpiodetect in WiringPi, issue 280, kernel 6.6.47',
  },
  'pi-5, kernel 6.6.20': {
    chips: [...SOC_CHIPS_PI_5.map((chip, number) => ({ ...chip, number })), { ...RP1, number: 4 }],
    spiCanBeWithoutChipSelect: false,
    source: 'gpiodetect in WiringPi, issue 280',
  },
  'pi-5, kernel 6.6.47': {
    chips: [{ ...RP1, number: 0 }, ...SOC_CHIPS_PI_5.map((chip, place) => ({ ...chip, number: 10 + place }))],
    spiCanBeWithoutChipSelect: false,
    source: 'gpiodetect in WiringPi, issue 280; raspberrypi/linux, pull request 6144',
  },
  'pi-5, kernel 6.12.96': {
    chips: [...SOC_CHIPS_PI_5.map((chip, place) => ({ ...chip, number: 11 + place })), { ...RP1, number: 15 }],
    spiCanBeWithoutChipSelect: false,
    source: 'numbers 11 to 15: Adafruit_Blinka, issue 1119; which of them is the header is a guess',
  },
  'another board': {
    chips: [
      { number: 0, label: 'gpio-brcmstb@107d508500', lines: 32 },
      { number: 1, label: 'pinctrl-of-tomorrow', lines: 96, header: 32 },
    ],
    spiCanBeWithoutChipSelect: true,
    source: 'made up: a driver that nobody has heard of, and a header in the middle of its chip',
  },
  'no header': {
    chips: [{ number: 1, label: 'raspberrypi-exp-gpio', lines: 8 }],
    spiCanBeWithoutChipSelect: true,
    source: 'made up: the driver of the header was not loaded',
  },
} as const satisfies Record<string, Board>;

export type BoardName = keyof typeof BOARDS;

const ID_EEPROM = ['ID_SDA', 'ID_SCL'];

/** Lines of the header that nothing but GPIO uses bear their BCM number; those that do not matter here have no name. */
export function lineName({ header }: BoardChip, offset: number): string {
  const bcm = header === undefined ? -1 : offset - header;
  if (bcm < 0 || bcm > 27) return '';
  return ID_EEPROM[bcm] ?? `GPIO${bcm}`;
}
