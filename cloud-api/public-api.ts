import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Commands } from './command/commands.js';
import type { CloudContext } from './context.js';
import type { PresentationPort } from './sync/presentation-port.js';

/** The modules behind `/api/sdk/v1`: displays, contents, analyses, presentations. */
export type PublicApi = {
  /** What sync and commands tell the presentation module. */
  presentations: PresentationPort;
  /** Every route of these modules, `/v1/assets/:sha256` and the upload and image addresses among them. */
  routes: FastifyPluginAsyncZod;
  /** Ends what runs beside the requests; safe to call twice. */
  stop: () => Promise<void>;
};

export function createPublicApi(_context: CloudContext, _commands: Commands): PublicApi {
  return {
    presentations: { applyPresentationEvent: async () => {}, commandsChanged: async () => {} },
    routes: async () => {},
    stop: async () => {},
  };
}
