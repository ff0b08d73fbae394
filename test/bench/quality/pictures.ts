import { seededRandom } from '../../../device-sim/epd/seeded-random.js';
import type { Picture } from '../../../render/picture/picture.js';

const [WIDTH, HEIGHT] = [800, 480];

/** Pictures of our own, the same every time: a landscape by day with soft and hard edges and grain, and a town by night. */
export const QUALITY_PICTURES: Readonly<Record<string, () => Picture>> = { day, night };

function day(): Picture {
  const random = seededRandom(11);
  const fruit = Array.from({ length: 50 }, () => ({
    x: random() * WIDTH,
    y: 330 + random() * 130,
    radius: 4 + random() * 14,
    colour: [120 + random() * 120, 40 + random() * 160, 30 + random() * 50],
  }));
  return painted((x, y) => {
    const ridge = 250 + 40 * Math.sin(x / 90) + 12 * Math.sin(x / 23);
    const grain = (random() - 0.5) * 14;
    const lit = fruit.find((one) => (one.x - x) ** 2 + (one.y - y) ** 2 < one.radius ** 2);
    if (lit !== undefined) {
      const shade = 1.1 - Math.hypot(lit.x - x + 3, lit.y - y + 3) / lit.radius / 2;
      return lit.colour.map((value) => value * shade + grain);
    }
    if (y < ridge) return [90 + y / 4 + grain, 130 + y / 5 + grain, 205 - y / 8 + grain];
    const light = 1 + 0.25 * Math.sin(x / 17 + y / 9) * Math.sin(y / 13);
    return [92 * light + grain, 112 * light + grain, 58 * light + grain];
  });
}

function night(): Picture {
  const random = seededRandom(12);
  const lamps = Array.from({ length: 60 }, () => ({ x: random() * WIDTH, y: 200 + random() * 270, power: random() }));
  return painted((x, y) => {
    const sky = 8 + (y / HEIGHT) * 14;
    const glow = lamps.reduce((sum, lamp) => sum + lamp.power * (9 / (6 + (lamp.x - x) ** 2 + (lamp.y - y) ** 2)), 0);
    const grain = (random() - 0.5) * 5;
    return [sky + 210 * glow + grain, sky + 170 * glow + grain, sky * 1.6 + 90 * glow + grain];
  });
}

function painted(colourAt: (x: number, y: number) => readonly number[]): Picture {
  const rgb = new Uint8ClampedArray(WIDTH * HEIGHT * 3);
  for (let at = 0; at < WIDTH * HEIGHT; at += 1) rgb.set(colourAt(at % WIDTH, Math.floor(at / WIDTH)), at * 3);
  return { width: WIDTH, height: HEIGHT, rgb: new Uint8Array(rgb.buffer) };
}
