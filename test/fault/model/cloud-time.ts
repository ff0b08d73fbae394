import type { Rules } from './rules.js';
import type { HubRecord, Request, Row, Stream } from './types.js';

/** Takes in what the arrival of a request says of the clock of its boot. */
export function noteArrival({ pairs }: HubRecord, { boot, monoNow }: Request, nowMs: number): void {
  const known = pairs.get(boot);
  // The quickest of the requests says most.
  if (known === undefined || nowMs - monoNow < known.atMs - known.monoMs)
    pairs.set(boot, { monoMs: monoNow, atMs: nowMs });
}

/** Between which two instants an event happened. Nothing is said that is not known. Source: sync protocol, section 5. */
export function timeOf(
  row: Row,
  {
    record,
    stream,
    request,
    nowMs,
    rules,
  }: { record: HubRecord; stream: Stream; request: Request; nowMs: number; rules: Rules['cloud'] },
): { tsLo: number; tsHi: number } {
  const lows = [record.bornMs];
  const highs = [nowMs];
  // What comes later in a lane happened later.
  if (rules.usesFloors) lows.push(stream.floorMs);
  for (const { boot, monoMs, serverMs, rttMs } of rules.usesAnchors ? request.anchors : []) {
    if (boot !== row.boot) continue;
    lows.push(serverMs - (monoMs - row.monoMs));
    highs.push(serverMs + rttMs - (monoMs - row.monoMs));
  }
  const pair = record.pairs.get(row.boot);
  if (pair !== undefined) {
    const atMs = pair.atMs - (pair.monoMs - row.monoMs);
    highs.push(atMs);
    if (!rules.asksDelay) lows.push(atMs);
  }
  // An event of another boot is one of an earlier boot.
  if (row.boot !== request.boot) highs.push(nowMs - request.monoNow);
  if (row.wq === 2) {
    lows.push(row.wallMs - rules.slackOfWallMs);
    highs.push(row.wallMs + rules.slackOfWallMs);
  }
  return { tsLo: Math.max(...lows), tsHi: Math.min(...highs) };
}
