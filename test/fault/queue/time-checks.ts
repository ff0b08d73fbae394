import type { History, StepOf } from './history.js';
import { entryOf, stepsOf, streamOf } from './steps.js';
import type { CloudState, Context, Finding } from './verdict.js';

/** I18 */
export function timeIsNotInvented(history: History, context: Context): Finding[] {
  if (context.cloud === undefined) return [];
  return [...timesThatAreWrong(history, context.cloud, context), ...timesThatAreVague(history, context.cloud, context)];
}

function timesThatAreWrong(history: History, cloud: CloudState, { timeToleranceMs = 0 }: Context): Finding[] {
  const called = new Map(stepsOf(history, 'enq.call').map((step) => [`${step.hub} ${step.hash}`, step]));
  const accepted = new Map(stepsOf(history, 'enq.ok').map((step) => [`${step.hub} ${step.hash}`, step]));
  return cloud.events.flatMap(({ hub, hash, tsLo, tsHi }) => {
    const call = called.get(`${hub} ${hash}`);
    const ok = accepted.get(`${hub} ${hash}`);
    if (call === undefined || tsLo === undefined || tsHi === undefined) return [];
    // An event that was not confirmed before a kill was made at some time after its call.
    const isAfter = tsHi + timeToleranceMs < call.at;
    const isBefore = ok !== undefined && tsLo - timeToleranceMs > ok.at;
    if (!isAfter && !isBefore && tsLo <= tsHi) return [];
    return [{ what: `${hash} is said to be of ${tsLo}..${tsHi}`, evidence: ok === undefined ? [call] : [call, ok] }];
  });
}

/** What a hub tells in the boot in which it happened, after it heard the cloud's time, is known as well as their way is short. */
function timesThatAreVague(
  history: History,
  cloud: CloudState,
  { timeToleranceMs = 0, longestWayMs }: Context,
): Finding[] {
  if (longestWayMs === undefined) return [];
  const known = toldInTheirBoot(history);
  // There and back again.
  const mostMs = 2 * (longestWayMs + timeToleranceMs);
  return cloud.events.flatMap((row) => {
    const send = known.get(streamOf(row))?.get(row.seq);
    if (send === undefined || row.tsLo === undefined || row.tsHi === undefined) return [];
    const wideMs = row.tsHi - row.tsLo;
    if (wideMs <= mostMs) return [];
    return [{ what: `${row.hash} is placed within ${wideMs} ms, ${mostMs} ms are known`, evidence: [send] }];
  });
}

/** By stream and number the first request that held an event; undefined if one of its requests was of another boot. */
function toldInTheirBoot(history: History): Map<string, Map<number, StepOf<'send'> | undefined>> {
  const copied = new Set(stepsOf(history, 'card.cloned').map(({ hub }) => hub));
  const boots = new Map<string, number>();
  const asked = new Map<string, number>();
  const heard = new Map<string, number | undefined>();
  const compared = new Map<string, number | undefined>();
  const made = new Map<string, Map<number, number>>();
  const told = new Map<string, Map<number, StepOf<'send'> | undefined>>();
  for (const step of stepsOf(history, 'enq.ok', 'crash', 'open', 'card.lost', 'reply.got', 'hub.commit', 'send')) {
    const boot = boots.get(step.proc) ?? 0;
    if (step.step === 'enq.ok') entryOf(made, streamOf(step), () => new Map()).set(step.seq, boot);
    else if (step.step === 'reply.got') heard.set(step.proc, asked.get(`${step.proc} ${step.req}`));
    else if (step.step === 'hub.commit') compared.set(step.proc, heard.get(step.proc));
    else if (step.step !== 'send') boots.set(step.proc, boot + 1);
    else if (!copied.has(step.hub)) {
      asked.set(`${step.proc} ${step.req}`, boot);
      for (const { lane, from, to } of step.slices) {
        const stream = streamOf({ ...step, lane });
        const sends = entryOf(told, stream, () => new Map());
        for (let seq = from; seq <= to; seq += 1) {
          const isKnown = made.get(stream)?.get(seq) === boot && compared.get(step.proc) === boot;
          if (!isKnown || !sends.has(seq)) sends.set(seq, isKnown ? step : undefined);
        }
      }
    }
  }
  return told;
}
