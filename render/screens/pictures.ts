import { RenderError } from '../errors.js';
import type { Assets } from './define-screen.js';

const DATA_URL = /^data:[\w/+.-]{1,60};base64,/;

/**
 * The picture that a field names, among those that came with the data or within the field itself.
 * @throws `render.bad-screen-data` when there is none of that name
 */
export function pictureOf(field: string, value: string, assets: Assets): { name: string; assets: Assets } {
  if (Object.hasOwn(assets, value)) return { name: value, assets };
  const head = DATA_URL.exec(value.slice(0, 80))?.[0];
  if (head === undefined) {
    throw new RenderError('render.bad-screen-data', `${field}: no picture ${value.slice(0, 60)} came with the data`);
  }
  return { name: field, assets: { ...assets, [field]: Buffer.from(value.slice(head.length), 'base64') } };
}
