import { PersonalAccessTokens } from './auth/personal-access-tokens.js';
import { type CommandPublisher, Commands } from './command/commands.js';
import type { CloudContext } from './context.js';
import { createPublicApi, type PublicApi } from './public-api.js';

/** Every module's service, built once. */
export type Services = {
  context: CloudContext;
  tokens: PersonalAccessTokens;
  commands: Commands;
  publicApi: PublicApi;
};

export function createServices(context: CloudContext, { publisher }: { publisher: CommandPublisher }): Services {
  const commands = new Commands(context, {
    publisher,
    secrets: { conceal: (_kind, body) => body, reveal: ({ body }) => body },
  });
  return {
    context,
    commands,
    tokens: new PersonalAccessTokens(context),
    publicApi: createPublicApi(context, commands),
  };
}
