/** Below this the glass grows slower, at 0 C three times as slow as in a room. */
const SLOW_BELOW_C = 10;
const SLOWER_PER_DEGREE = 0.2;

/** How many times as long as in a room a refresh takes. */
export function slownessAt(ambientC: number): number {
  return 1 + Math.max(0, SLOW_BELOW_C - ambientC) * SLOWER_PER_DEGREE;
}
