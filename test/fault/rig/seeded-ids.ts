const HEX = 16;

/** Ids and epochs that are the same for the same seed. */
export function idsOf(random: () => number): { newId: () => string; newEpoch: () => string } {
  const digits = (count: number) =>
    Array.from({ length: count }, () => Math.floor(random() * HEX).toString(HEX)).join('');
  return {
    newId: () => `${digits(8)}-${digits(4)}-7${digits(3)}-8${digits(3)}-${digits(12)}`,
    newEpoch: () => digits(32),
  };
}
