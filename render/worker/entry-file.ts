/**
 * A file that Node starts in a thread or a process of its own, by its path from here without an ending. From source
 * (tests, tsx) it is TypeScript, which has to be learnt first.
 */
export function entryFile(path: string): { url: URL; execArgv: string[] } {
  const isSource = import.meta.url.endsWith('.ts');
  return {
    url: new URL(`${path}.${isSource ? 'ts' : 'js'}`, import.meta.url),
    execArgv: isSource ? ['--import', new URL('./typescript.mjs', import.meta.url).href] : [],
  };
}
