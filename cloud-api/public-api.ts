import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { type Renderer, startRenderer } from '../render/index.js';
import { Analyses } from './analysis/analyses.js';
import { analysisRoutes } from './analysis/analysis-routes.js';
import { Producer } from './analysis/producer.js';
import type { Commands } from './command/commands.js';
import { assetRoutes } from './content/asset-routes.js';
import { AssetStore } from './content/asset-store.js';
import { contentRoutes } from './content/content-routes.js';
import { Contents } from './content/contents.js';
import { checkPicturesWith } from './content/picture-check.js';
import { uploadRoutes } from './content/upload-routes.js';
import { Uploads } from './content/uploads.js';
import type { CloudContext } from './context.js';
import { displayRoutes } from './display/display-routes.js';
import { Displays } from './display/displays.js';
import { HubNews } from './presentation/hub-news.js';
import { imageRoutes } from './presentation/image-routes.js';
import { presentationRoutes } from './presentation/presentation-routes.js';
import { Presentations } from './presentation/presentations.js';
import { Previews } from './presentation/previews.js';
import type { PresentationPort } from './sync/presentation-port.js';

/** The modules behind `/api/sdk/v1`: displays, contents, analyses, presentations. */
export type PublicApi = {
  /** What sync and commands tell the presentation module. */
  presentations: PresentationPort;
  /** Every route of these modules, `/v1/assets/:sha256` and the upload and image addresses among them. */
  routes: FastifyPluginAsyncZod;
  /** Removes what killed processes left on disk. */
  tidy: () => Promise<void>;
  /** Ends what runs beside the requests; safe to call twice. */
  stop: () => Promise<void>;
};

export function createPublicApi(
  context: CloudContext,
  commands: Pick<Commands, 'enqueueCommand'>,
  renderer: Renderer = startRenderer(),
): PublicApi {
  const store = new AssetStore(context);
  const contents = new Contents(context);
  const uploads = new Uploads(context, { store, check: checkPicturesWith(renderer) });
  const analyses = new Analyses(context, new Producer(context, { commands, store }));
  const presentations = new Presentations(context);
  const previews = new Previews(context, { renderer, store });
  const displays = new Displays(context, commands);
  return {
    presentations: new HubNews(context),
    tidy: async () => {
      await store.tidy(context.clock.now());
      await previews.tidy(context.clock.now());
    },
    stop: () => renderer.stop(),
    routes: async (app) => {
      await app.register(displayRoutes({ displays }));
      await app.register(contentRoutes({ contents }));
      await app.register(uploadRoutes({ uploads }));
      await app.register(assetRoutes({ context, store }));
      await app.register(analysisRoutes({ analyses }));
      await app.register(presentationRoutes({ presentations }));
      await app.register(imageRoutes({ context, previews }));
    },
  };
}
