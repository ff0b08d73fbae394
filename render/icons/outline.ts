import type { Polygon } from '../frame/polygon-mask.js';

const COMMAND = /([MLHVCSQTAZ])([^MLHVCSQTAZ]*)/gi;
const NUMBER = /\s*,?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)/iy;
/** Nothing needs to stand between the flags of an arc and what follows them. */
const FLAG = /\s*,?\s*([01])/y;
const FLAGS_OF_ARC: readonly number[] = [3, 4];
const NUMBERS_OF: Readonly<Record<string, number>> = { M: 2, L: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, T: 2, A: 7, Z: 0 };
/** Straight pieces that a curve is made of: enough for an arc over the whole of the largest icon. */
const PIECES = 24;

type Point = { x: number; y: number };
type Points = readonly [Point, Point, Point, Point];

/** The path of an SVG as polygons, `scale` pixels to a unit; curves become short straight pieces. */
export function outlineOf(path: string, scale: number): Polygon[] {
  const pen = new Pen();
  for (const [, letter = '', rest = ''] of path.matchAll(COMMAND)) {
    const command = letter.toUpperCase();
    for (const numbers of groupsOf(command, rest)) pen.draw(command, letter !== command, numbers);
  }
  return pen.polygons.map((corners) => corners.map((value) => value * scale));
}

/** The numbers behind a command, so many at a time as it takes. */
function groupsOf(command: string, rest: string): number[][] {
  const size = NUMBERS_OF[command] ?? 0;
  if (size === 0) return [[]];
  const groups: number[][] = [];
  let group: number[] = [];
  let at = 0;
  for (;;) {
    const pattern = command === 'A' && FLAGS_OF_ARC.includes(group.length) ? FLAG : NUMBER;
    pattern.lastIndex = at;
    const found = pattern.exec(rest);
    if (found === null) return groups;
    at = pattern.lastIndex;
    group.push(Number(found[1]));
    if (group.length < size) continue;
    groups.push(group);
    group = [];
  }
}

class Pen {
  readonly polygons: number[][] = [];
  #at: Point = { x: 0, y: 0 };
  #start: Point = { x: 0, y: 0 };
  /** The last control point of the curve before, which a smooth one mirrors. */
  #control: { of: 'C' | 'Q'; point: Point } | undefined;

  draw(command: string, isRelative: boolean, numbers: readonly number[]): void {
    const base = isRelative ? this.#at : { x: 0, y: 0 };
    const point = (at: number): Point => ({ x: base.x + (numbers[at] ?? 0), y: base.y + (numbers[at + 1] ?? 0) });
    const control = this.#control;
    this.#control = undefined;
    const mirrored = (of: 'C' | 'Q'): Point =>
      control?.of === of ? { x: 2 * this.#at.x - control.point.x, y: 2 * this.#at.y - control.point.y } : this.#at;
    switch (command) {
      case 'M':
        this.#move(point(0));
        break;
      case 'L':
        this.#line(point(0));
        break;
      case 'H':
        this.#line({ x: base.x + (numbers[0] ?? 0), y: this.#at.y });
        break;
      case 'V':
        this.#line({ x: this.#at.x, y: base.y + (numbers[0] ?? 0) });
        break;
      case 'C':
        this.#cubic([this.#at, point(0), point(2), point(4)]);
        break;
      case 'S':
        this.#cubic([this.#at, mirrored('C'), point(0), point(2)]);
        break;
      case 'Q':
        this.#quadratic(point(0), point(2));
        break;
      case 'T':
        this.#quadratic(mirrored('Q'), point(0));
        break;
      case 'A':
        this.#arc(numbers, point(5));
        break;
      default:
        this.#at = this.#start;
    }
  }

  #move(to: Point): void {
    // Further pairs behind a move are lines, and a polygon of one corner covers nothing: either way the last one counts.
    if (this.polygons.at(-1)?.length === 2 && this.#at === this.#start) this.polygons.pop();
    this.polygons.push([to.x, to.y]);
    this.#start = to;
    this.#at = to;
  }

  #line(to: Point): void {
    const polygon = this.polygons.at(-1);
    // After a path is closed, the next one may begin where it began.
    if (polygon === undefined || this.#at === this.#start) {
      if (polygon?.length !== 2) this.polygons.push([this.#at.x, this.#at.y]);
    }
    this.polygons.at(-1)?.push(to.x, to.y);
    this.#at = { ...to };
  }

  #cubic([a, b, c, d]: Points): void {
    for (let piece = 1; piece <= PIECES; piece += 1) {
      const t = piece / PIECES;
      const u = 1 - t;
      const weigh = (axis: 'x' | 'y') =>
        u ** 3 * a[axis] + 3 * u * u * t * b[axis] + 3 * u * t * t * c[axis] + t ** 3 * d[axis];
      this.#line({ x: weigh('x'), y: weigh('y') });
    }
    this.#control = { of: 'C', point: c };
  }

  #quadratic(control: Point, to: Point): void {
    const from = this.#at;
    const towards = (end: Point): Point => ({
      x: end.x + ((control.x - end.x) * 2) / 3,
      y: end.y + ((control.y - end.y) * 2) / 3,
    });
    this.#cubic([from, towards(from), towards(to), to]);
    this.#control = { of: 'Q', point: control };
  }

  /** SVG 2 appendix B.2: from the end points of an arc to its centre. */
  #arc(numbers: readonly number[], to: Point): void {
    const [wideRadius = 0, highRadius = 0, degrees = 0, isLarge = 0, isClockwise = 0] = numbers;
    const from = this.#at;
    const turn = (degrees * Math.PI) / 180;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const half = { x: (from.x - to.x) / 2, y: (from.y - to.y) / 2 };
    const x = cos * half.x + sin * half.y;
    const y = cos * half.y - sin * half.x;
    let [rx, ry] = [Math.abs(wideRadius), Math.abs(highRadius)];
    if (rx === 0 || ry === 0 || (x === 0 && y === 0)) {
      this.#line(to);
      return;
    }
    const stretch = Math.sqrt((x / rx) ** 2 + (y / ry) ** 2);
    if (stretch > 1) [rx, ry] = [rx * stretch, ry * stretch];
    const left = (rx * ry) ** 2 - (rx * y) ** 2 - (ry * x) ** 2;
    const factor = Math.sqrt(Math.max(0, left) / ((rx * y) ** 2 + (ry * x) ** 2)) * (isLarge === isClockwise ? -1 : 1);
    const centre = { x: (factor * rx * y) / ry, y: (-factor * ry * x) / rx };
    const start = Math.atan2((y - centre.y) / ry, (x - centre.x) / rx);
    const end = Math.atan2((-y - centre.y) / ry, (-x - centre.x) / rx);
    let sweep = end - start;
    if (isClockwise === 1 && sweep < 0) sweep += 2 * Math.PI;
    if (isClockwise === 0 && sweep > 0) sweep -= 2 * Math.PI;
    const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    for (let piece = 1; piece < PIECES; piece += 1) {
      const angle = start + (sweep * piece) / PIECES;
      const [px, py] = [centre.x + rx * Math.cos(angle), centre.y + ry * Math.sin(angle)];
      this.#line({ x: middle.x + cos * px - sin * py, y: middle.y + sin * px + cos * py });
    }
    this.#line(to);
  }
}
