/** The shortest part of a list that still fails: steps are left out as long as it does. */
export function shrink<T>(list: readonly T[], fails: (part: readonly T[]) => boolean): readonly T[] {
  let part = list;
  for (let size = Math.ceil(part.length / 2); size >= 1; ) {
    const shorter = withoutSome(part, size, fails);
    if (shorter !== undefined) part = shorter;
    else if (size === 1) return part;
    else size = Math.floor(size / 2);
  }
  return part;
}

function withoutSome<T>(list: readonly T[], size: number, fails: (part: readonly T[]) => boolean): readonly T[] | undefined {
  for (let at = 0; at < list.length; at += size) {
    const part = [...list.slice(0, at), ...list.slice(at + size)];
    if (fails(part)) return part;
  }
  return undefined;
}
