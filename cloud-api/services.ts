import { v4 } from 'uuid';
import { Accounts } from './auth/accounts.js';
import { PersonalAccessTokens } from './auth/personal-access-tokens.js';
import { Bindings } from './binding/bindings.js';
import { claimCodeFor } from './binding/claim-code.js';
import { bindingUrl, ClaimCodes } from './binding/claim-codes.js';
import { Claims } from './binding/claims.js';
import { GuessLimit } from './binding/guess-limit.js';
import { LocalBindings } from './binding/local-bindings.js';
import { SunClaims } from './binding/sun-claims.js';
import { Taps } from './binding/taps.js';
import { Transfers } from './binding/transfers.js';
import { type CommandPublisher, Commands } from './command/commands.js';
import { Delivery } from './command/delivery.js';
import { claimSecrets } from './command/secret-bodies.js';
import type { CloudContext } from './context.js';
import { Hubs } from './device/hubs.js';
import { ParkedMessages } from './link/parked-messages.js';
import { UpIntake } from './link/up-intake.js';
import { takeUpMessage } from './link/up-messages.js';
import { createPublicApi, type PublicApi } from './public-api.js';
import { Sync } from './sync/sync.js';

/** Every module's service, built once. */
export type Services = {
  context: CloudContext;
  accounts: Accounts;
  tokens: PersonalAccessTokens;
  hubs: Hubs;
  upIntake: UpIntake;
  parkedMessages: ParkedMessages;
  bindings: Bindings;
  claimCodes: ClaimCodes;
  claims: Claims;
  taps: Taps;
  sunClaims: SunClaims;
  transfers: Transfers;
  localBindings: LocalBindings;
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
  const limit = new GuessLimit(context);
  const bindings = new Bindings(context, { commands, presentations });
  const claimCodes = new ClaimCodes(context, { commands, bindings });
  const claims = new Claims(context, { commands, bindings, codes: claimCodes, limit });
  const localBindings = new LocalBindings(context, { bindings, limit });
  const hubs = new Hubs(context, { presentations, bindings });
  const take = (topic: string, payload: Buffer) => takeUpMessage({ ...context, hubs, claimCodes }, topic, payload);
  const parkedMessages = new ParkedMessages(context, { take });
  const park = (topic: string, payload: Buffer) => parkedMessages.park(topic, payload);
  return {
    context,
    accounts: new Accounts({ ...context, newAccountId: () => v4() }),
    tokens: new PersonalAccessTokens(context),
    hubs,
    upIntake: new UpIntake({ ...context, take, park }),
    parkedMessages,
    bindings,
    claimCodes,
    claims,
    taps: new Taps(context, { codes: claimCodes, limit }),
    sunClaims: new SunClaims(context, { claims, codes: claimCodes, limit }),
    transfers: new Transfers(context, { commands, codes: claimCodes }),
    localBindings,
    commands,
    delivery,
    sync: new Sync(context, { delivery, presentations, localBindings, states: hubs }),
    publicApi,
  };
}
