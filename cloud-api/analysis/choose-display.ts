/** A display as the choice sees it. */
export type Candidate = {
  id: string;
  width: number;
  height: number;
  inks: readonly string[];
  online: boolean;
  /** Whether something is on its way to it already. */
  busy: boolean;
};

/**
 * The display that can show a page best: one that is there, then one that is free, then for pictures the one with most
 * inks, then the largest; undefined when there is none.
 */
export function chooseDisplay<C extends Candidate>(candidates: readonly C[], hasPictures: boolean): C | undefined {
  const merits = (candidate: C) => [
    Number(candidate.online),
    Number(!candidate.busy),
    hasPictures ? candidate.inks.length : 0,
    candidate.width * candidate.height,
  ];
  const ranked = candidates.map((candidate) => ({ candidate, merits: merits(candidate) }));
  ranked.sort((a, b) => compareMerits(b.merits, a.merits) || (a.candidate.id < b.candidate.id ? -1 : 1));
  return ranked[0]?.candidate;
}

function compareMerits(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((merit, index) => merit !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
