import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { WordsSchema } from './fields.js';
import { column, icon, leading, row, sceneOf, text } from './nodes.js';
import { qrBeside } from './qr-beside.js';
import { TYPE_SCALES } from './type-scale.js';

/** A guest points a telephone at it and is in the Wi-Fi. */
export const wifi = defineScreen({
  shows: 'A QR code that lets a guest into the Wi-Fi, with name and password to type',
  data: z.strictObject({
    title: WordsSchema.optional(),
    ssid: z.string().min(1).max(32),
    password: z.string().min(1).max(63).optional(),
    security: z.enum(['WPA', 'WEP', 'nopass']).default('WPA'),
    hidden: z.boolean().default(false),
  }),
  build: ({ title, ssid, password, security, hidden }, context) => {
    const scale = TYPE_SCALES[context.size];
    const iconPx = Math.round(scale.body * 1.3);
    const line = (name: 'wifi' | 'key', words: string, mono: boolean) =>
      row(
        context,
        [
          icon(name, iconPx),
          text(
            words,
            { min: scale.caption, max: scale.title },
            { bold: !mono, face: mono ? 'mono' : 'interface', maxLines: 3, grow: 1, align: leading(context, words) },
          ),
        ],
        { gap: scale.gap },
      );
    const words = column(
      [
        title === undefined
          ? undefined
          : text(
              title,
              { min: scale.body, max: Math.round(scale.headline * 0.75) },
              { bold: true, maxLines: 2, align: leading(context, title) },
            ),
        line('wifi', ssid, false),
        password === undefined ? undefined : line('key', password, true),
      ],
      { gap: Math.round(scale.gap * 2.2), justify: 'centre' },
    );
    const open = password === undefined || security === 'nopass';
    const secret = open ? '' : `P:${escaped(password)};`;
    const code = `WIFI:T:${open ? 'nopass' : security};S:${escaped(ssid)};${secret}${hidden ? 'H:true;' : ''};`;
    return { scene: sceneOf(context, qrBeside(context, code, words)) };
  },
});

/** Reserved letters as the ZXing wiki, "Barcode Contents", has them. */
function escaped(value: string): string {
  return value.replace(/[\\;,:"]/g, '\\$&');
}
