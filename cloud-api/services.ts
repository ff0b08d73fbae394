import { v4 } from 'uuid';
import { Accounts } from './auth/accounts.js';
import { PersonalAccessTokens } from './auth/personal-access-tokens.js';
import { type CommandPublisher, Commands } from './command/commands.js';
import { Delivery } from './command/delivery.js';
import { claimSecrets } from './command/secret-bodies.js';
import type { CloudContext } from './context.js';
import { claimCodeFor } from './device/claim-code.js';
import { bindingUrl, Claims } from './device/claims.js';
import { Hubs } from './device/hubs.js';
import { createPublicApi, type PublicApi } from './public-api.js';
import { Sync } from './sync/sync.js';

/** Every module's service, built once. */
export type Services = {
  context: CloudContext;
  accounts: Accounts;
  tokens: PersonalAccessTokens;
  hubs: Hubs;
  claims: Claims;
  commands: Commands;
  delivery: Delivery;
  sync: Sync;
  publicApi: PublicApi;
};

export function createServices(context: CloudContext, { publisher }: { publisher: CommandPublisher }): Services {
  const secrets = claimSecrets(context.keys, {
    codeFor: claimCodeFor,
    urlFor: (code) => bindingUrl(context.settings.publicUrl, code),
  });
  const commands = new Commands(context, { publisher, secrets });
  const delivery = new Delivery(context, { commands });
  const publicApi = createPublicApi(context, commands);
  const { presentations } = publicApi;
  return {
    context,
    accounts: new Accounts({ ...context, newAccountId: () => v4() }),
    tokens: new PersonalAccessTokens(context),
    hubs: new Hubs(context, { presentations }),
    claims: new Claims(context, { commands, presentations }),
    commands,
    delivery,
    sync: new Sync(context, { delivery, presentations }),
    publicApi,
  };
}
