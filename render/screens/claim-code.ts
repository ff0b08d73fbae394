import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { NameSchema } from './fields.js';
import { column, sceneOf, text } from './nodes.js';
import { qrBeside } from './qr-beside.js';
import { TYPE_SCALES } from './type-scale.js';

/** A code is typed from the glass: no line may break it. */
const UNBROKEN_HYPHEN = '\u2011';

/** The screen with which a person binds the hub: the code, the word to compare, and a QR code that opens the page. */
export const claimCode = defineScreen({
  shows: 'The code with which a person binds the hub, the word to compare, and a QR code that opens the page',
  data: z.strictObject({ code: NameSchema, url: z.string().min(1).max(2_953), word: NameSchema }),
  build: ({ code, url, word }, context) => {
    const scale = TYPE_SCALES[context.size];
    const words = column(
      [
        text('Scan this, or enter the letters', { min: scale.caption - 1, max: scale.body }, { maxLines: 2 }),
        text(
          code.replaceAll('-', UNBROKEN_HYPHEN),
          { min: scale.caption, max: Math.round(scale.headline * 1.2) },
          { bold: true, wrap: false },
        ),
        text(`Your word: ${word}`, { min: scale.caption, max: Math.round(scale.title * 1.1) }, { maxLines: 1 }),
      ],
      { gap: Math.round(scale.gap * 2), justify: 'centre' },
    );
    return { scene: sceneOf(context, qrBeside(context, url, words)) };
  },
});
