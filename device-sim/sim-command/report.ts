import type { LintFault } from '../epd/lint.js';
import type { ReplayResult } from './replay-flow.js';
import type { ShowResult } from './show-pictures.js';

/** What became of pictures, for a program. */
export function showJson({ shown, lint, frameSha256, glassSha256 }: ShowResult): string {
  return JSON.stringify({ shown: shown.map(rounded), lint: lint.map(rounded), frameSha256, glassSha256 });
}

/** The same for a person. */
export function showText({ shown, lint, frameSha256, glassSha256 }: ShowResult): string {
  const lines = shown.map(({ picture, mode, reason, tookMs, busyMs, bytes, driven }) => {
    if (!driven) return `${picture}: the glass shows it already`;
    return `${picture}: ${mode} refresh (${reason}), ${seconds(tookMs)}, of which BUSY ${seconds(busyMs)}, ${bytes} bytes`;
  });
  const glass = glassSha256 === frameSha256 ? 'the glass shows the picture' : 'THE GLASS SHOWS ANOTHER PICTURE';
  return [...lines, ...lintLines(lint), `${glass}: ${glassSha256}`].join('\n');
}

/** What became of a recorded flow, for a program. */
export function replayJson(names: readonly string[], { refreshes, lint, glassSha256, tookMs }: ReplayResult): string {
  const displayed = refreshes.length > 0;
  const driven = refreshes.map(({ mode, window, durationMs }) => rounded({ mode, window, durationMs }));
  const told = { flow: names, displayed, refreshes: driven, tookMs: Math.round(tookMs) };
  return JSON.stringify({ ...told, lint: lint.map(rounded), glassSha256 });
}

/** The same for a person. */
export function replayText(
  names: readonly string[],
  { refreshes, strictness, lint, glassSha256 }: ReplayResult,
): string {
  const lines = refreshes.map(({ mode, window: { x, y, width, height }, durationMs }) => {
    return `${mode} refresh of ${width} x ${height} at ${x}, ${y}: ${seconds(durationMs)}`;
  });
  if (refreshes.length === 0) lines.push('the display step was not reached: the glass is as it was');
  const flow = names.length === 0 ? [] : [`flow: ${names.join(', ')}`];
  const rules = strictness === 'real' ? ['lint: not looked for'] : lintLines(lint);
  return [...flow, ...lines, ...rules, `the glass: ${glassSha256}`].join('\n');
}

function lintLines(lint: readonly LintFault[]): string[] {
  if (lint.length === 0) return ['lint: none'];
  return lint.map(({ code, level, atMs, detail }) => `lint: ${level} ${code} at ${seconds(atMs)}: ${detail}`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

/** The same with milliseconds that are whole. */
function rounded<T extends object>(told: T): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(told).map(([key, value]) => [
      key,
      key.endsWith('Ms') && typeof value === 'number' ? Math.round(value) : value,
    ]),
  );
}
