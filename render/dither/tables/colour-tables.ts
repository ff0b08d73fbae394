import type { Rgb } from '../../frame/inks.js';
import { cube } from '../kernel/cell.js';
import {
  FULL_LIGHT,
  INK_LIGHT,
  LANE_INK,
  LEAST_WANTED,
  MIX_LANES,
  MOST_WANTED,
  NEAREST,
  NODE_AIM,
  NODE_MIX,
  NODES,
} from '../kernel/layout.js';
import type { Tone } from '../profiles.js';
import { fromOklab, type Triple, toOklab } from './colour-space.js';
import { inkMixer, lightOf, type Mix } from './ink-mixer.js';
import { opponentDistance } from './opponent.js';
import { luminanceOf, toLinear } from './tone.js';

const ROOT_OF_WHITE = 16_384;
const MIX_WHOLE = 4096;
const WANTED_CELLS = 64;

/** Light of the inks as an eye sees it that takes the panel's white for white, as the kernel rounds it. */
export function inkLights(colours: readonly Rgb[]): Triple[] {
  const white = colours[1] ?? [255, 255, 255];
  return colours.map((colour) => {
    const of = (axis: 0 | 1 | 2) => cube(rootOf(toLinear(colour[axis]) / toLinear(white[axis]))) / FULL_LIGHT;
    return [of(0), of(1), of(2)];
  });
}

export function fillColourTables(tables: DataView, colours: readonly Rgb[], tone: Tone): void {
  const inks = inkLights(colours);
  for (const [ink, light] of inks.entries()) {
    for (const [axis, value] of light.entries()) {
      tables.setInt32(INK_LIGHT + ink * 16 + axis * 4, Math.round(value * FULL_LIGHT), true);
    }
  }
  const fromDarkest = inks.map((light, ink) => ({ ink, light: luminanceOf(light) })).sort((a, b) => a.light - b.light);
  for (const [lane, { ink }] of fromDarkest.entries()) tables.setUint8(LANE_INK + lane, ink);
  fillNodes(
    tables,
    inks,
    fromDarkest.map(({ ink }) => ink),
    tone,
  );
  fillNearest(tables, inks);
}

function fillNodes(tables: DataView, inks: readonly Triple[], lanes: readonly number[], tone: Tone): void {
  const mixOf = inkMixer(inks);
  const [black = [0, 0, 0]] = inks;
  const squeeze = tone === 'lightness' ? squeezedLightness(black) : squeezedLight(black);
  for (let node = 0; node < NODES ** 3; node += 1) {
    const of = (step: number) => toLinear(((step % NODES) * 255) / (NODES - 1));
    const mix = mixOf(squeeze([of(Math.floor(node / NODES ** 2)), of(Math.floor(node / NODES)), of(node)]));
    for (const [axis, value] of lightOf(mix, inks).entries()) {
      tables.setUint16(NODE_AIM + node * 8 + axis * 2, rootOf(value), true);
    }
    for (const [lane, share] of inWhole(lanes.map((ink) => mix[ink] ?? 0)).entries()) {
      tables.setUint16(NODE_MIX + (node * MIX_LANES + lane) * 2, share, true);
    }
  }
}

/** Evenly in Oklab; what tint the black ink has is left only to the darkest colours, so that black stays pure. */
function squeezedLightness(black: Triple): (linear: Triple) => Triple {
  const [least, tintA, tintB] = toOklab(black);
  return (linear) => {
    const [lightness, a, b] = toOklab(linear);
    const tint = (1 - lightness) ** TINT_FADES;
    return fromOklab([least + (1 - least) * lightness, (1 - least) * a + tintA * tint, (1 - least) * b + tintB * tint]);
  };
}

const TINT_FADES = 8;

/**
 * Black point compensation: every channel evenly in light, from the black ink to the white. The deepest shadows, which
 * are far below the light of the black ink itself, sink into it: there a few bright dots would show more than they say.
 */
function squeezedLight(black: Triple): (linear: Triple) => Triple {
  const sinking = luminanceOf(black) * SINKING_OF_BLACK;
  return (linear) => {
    const light = luminanceOf(linear);
    const kept = light === 0 ? 0 : (light * (1 + sinking)) / (light + sinking);
    return [
      black[0] + (1 - black[0]) * linear[0] * kept,
      black[1] + (1 - black[1]) * linear[1] * kept,
      black[2] + (1 - black[2]) * linear[2] * kept,
    ];
  };
}

const SINKING_OF_BLACK = 0.05;

function fillNearest(tables: DataView, inks: readonly Triple[]): void {
  const wanted = (cell: number) =>
    (LEAST_WANTED + ((cell + 0.5) * (MOST_WANTED + 1 - LEAST_WANTED)) / WANTED_CELLS) / FULL_LIGHT;
  for (let cell = 0; cell < WANTED_CELLS ** 3; cell += 1) {
    const of = (place: number): number => wanted(Math.floor(place) % WANTED_CELLS);
    const colour: Triple = [of(cell / WANTED_CELLS ** 2), of(cell / WANTED_CELLS), of(cell)];
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [ink, light] of inks.entries()) {
      const distance = opponentDistance(light, colour);
      if (distance >= least) continue;
      least = distance;
      best = ink;
    }
    tables.setUint8(NEAREST + cell, best);
  }
}

function rootOf(light: number): number {
  return Math.round(Math.cbrt(Math.max(0, light)) * ROOT_OF_WHITE);
}

/** Whole parts that add up to the whole exactly; what rounding leaves goes to the largest. */
function inWhole(mix: Mix): number[] {
  const parts = mix.map((share) => Math.round(share * MIX_WHOLE));
  const largest = parts.indexOf(Math.max(...parts));
  const missing = MIX_WHOLE - parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part, lane) => (lane === largest ? part + missing : part));
}
