import { z } from 'zod';
import { RenderError } from '../errors.js';
import { defineScreen, type Screen } from './define-screen.js';
import { column, icon, linesHeight, row, sceneOf, text } from './nodes.js';
import { InstantSchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

/**
 * Another screen as it last was, over a band that tells how old it is: what is shown when news does not come.
 * @param screenOf the screens that may stand above the band, by name
 */
export function lastKnownScreen(screenOf: (name: string) => Screen | undefined): Screen {
  return defineScreen({
    shows: 'Another screen as it last was, over a band that tells how old it is',
    data: z.strictObject({
      now: InstantSchema,
      asOf: InstantSchema.describe('when the data was true'),
      screen: z.string().max(60).describe('the name of the other screen'),
      data: z.record(z.string(), z.unknown()).describe('its data; settings are those of this screen'),
    }),
    build: ({ now, asOf, screen: name, data }, context, given) => {
      const scale = TYPE_SCALES[context.size];
      const screen = screenOf(name);
      if (screen === undefined) throw new RenderError('render.bad-screen-data', `screen: no screen ${name}`);
      const bandPx = linesHeight(scale.caption) + scale.gap;
      const inner = screen.build(
        { ...data, settings: context.settings },
        { width: context.width, height: context.height - bandPx, inks: context.inks },
        given,
      );
      const words = text(context.formats.relative(asOf, now), scale.caption, { ink: 'background', bold: true });
      const band = row(context, [icon('history', Math.round(scale.caption * 1.2), { ink: 'background' }), words], {
        ink: 'text',
        height: bandPx,
        gap: scale.gap,
        justify: 'centre',
      });
      const above = column([{ ...inner.scene.root, grow: 1 }], { height: context.height - bandPx });
      return { scene: sceneOf(context, column([above, band])), assets: inner.assets, unread: inner.unread };
    },
  });
}
