/** Does work for each of a list, so many at a time; the results are in the list's order. */
export async function atMost<T, R>(
  limit: number,
  list: readonly T[],
  work: (one: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = list.entries();
  const lane = async () => {
    for (const [index, one] of left) results[index] = await work(one, index);
  };
  await Promise.all(Array.from({ length: limit }, lane));
  return results;
}
