import { NodeSchema } from './schema.js';

/** Keys that every element has, and are told once. */
const COMMON = ['type', 'id', 'width', 'height', 'minWidth', 'grow', 'alignSelf'];

/** The elements of a scene and their keys as a table of Markdown, those that may be left out with a question mark. */
export function sceneTable(): string {
  const rows = NodeSchema.options.map(({ shape }) => {
    const keys = Object.entries(shape).filter(([key]) => !COMMON.includes(key));
    const names = keys.map(([key, schema]) => `\`${key}${schema.safeParse(undefined).success ? '?' : ''}\``);
    return `| \`${shape.type.value}\` | ${names.join(', ')} |`;
  });
  return ['| element | keys |', '| --- | --- |', ...rows].join('\n');
}
