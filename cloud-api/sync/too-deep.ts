/** Far more than anything of ours; what is nested by the thousand overflows the stack of whoever writes it as JSON. */
const MOST_LEVELS = 64;

/** Whether a value from JSON is nested deeper than a database and we ourselves can be trusted with. */
export function isTooDeep(value: unknown, levels = MOST_LEVELS): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1));
}
