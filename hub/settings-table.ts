import { z } from 'zod';
import { HubConfigSchema } from './config.js';

const JsonSchema = z.object({
  required: z.array(z.string()).default([]),
  properties: z.record(z.string(), z.object({ description: z.string(), default: z.unknown().optional() })),
});

/** The settings of the hub as the table of its README, in Markdown. */
export function settingsTable(): string {
  const { required, properties } = JsonSchema.parse(z.toJSONSchema(HubConfigSchema, { io: 'input' }));
  const rows = Object.entries(properties).map(([name, { description, default: preset }]) => {
    const value = preset === undefined ? (required.includes(name) ? '_needed_' : '') : `\`${String(preset)}\``;
    return `| \`${name}\` | ${value} | ${description} |`;
  });
  return ['| setting | default | what it is |', '| --- | --- | --- |', ...rows].join('\n');
}
