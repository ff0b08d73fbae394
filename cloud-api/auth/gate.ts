import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WORK_ORDER_SCHEME } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { CloudError } from '../errors.js';
import { isPermitted } from './permissions.js';
import {
  type Access,
  type HubCaller,
  type Person,
  type Principal,
  setPrincipal,
  type TokenHolder,
} from './principal.js';
import { verifiedWorkOrder } from './work-orders.js';

const WORK_ORDER = new RegExp(`^${WORK_ORDER_SCHEME} ([\\x21-\\x7e]+)$`, 'i');

/** The ways in which a bearer token is judged; each answers undefined for whatever is wrong with it. */
export type Verifiers = {
  accessToken: (token: string) => Promise<Person | undefined>;
  personalAccessToken: (token: string) => Promise<TokenHolder | undefined>;
  deviceToken: (token: string) => Promise<HubCaller | undefined>;
};

type GateContext = {
  settings: Pick<CloudContext['settings'], 'hookTokenSha256' | 'operatorTokenSha256' | 'workOrderKeys'>;
  clock: CloudContext['clock'];
};

/**
 * The one door: every route names who may call it in `config.access`, and is refused at start without it.
 * What is wrong with a credential is never told: each gets the same 401 `authentication_failed`. A work order is no
 * secret to be guessed, and who holds one is told why it is not taken.
 */
export function installGate(app: FastifyInstance, context: GateContext, verifiers: Verifiers): void {
  app.addHook('onRoute', ({ url, config }) => {
    if (config?.access === undefined) throw new CloudError('route.no-access', `${url} does not say who may call it`);
  });
  app.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access;
    // Only the answer to an unknown path has no route behind it.
    if (access !== undefined) setPrincipal(request, await admit(access, request, context, verifiers));
  });
}

async function admit(
  access: Access,
  request: FastifyRequest,
  context: GateContext,
  verifiers: Verifiers,
): Promise<Principal> {
  const { settings } = context;
  const token = bearerOf(request);
  switch (access.by) {
    case 'anyone':
      return { kind: 'anyone' };
    case 'person': {
      const person = known(await verifiers.accessToken(token));
      permit(person, access.permission);
      return person;
    }
    case 'token': {
      const holder = known(await verifiers.personalAccessToken(token));
      permit(holder, access.permission);
      return holder;
    }
    case 'hub':
      return known(await verifiers.deviceToken(token));
    case 'operator':
      return known(matches(token, settings.operatorTokenSha256) ? { kind: 'operator' } : undefined);
    case 'technician':
      return technician(request, context);
    case 'field-worker': {
      const isOperator = matches(token, settings.operatorTokenSha256);
      return isOperator ? { kind: 'operator' } : technician(request, context);
    }
    case 'hook':
      return known(matches(token, settings.hookTokenSha256) ? { kind: 'hook' } : undefined);
  }
}

function technician({ headers }: FastifyRequest, context: GateContext): Principal {
  const order = WORK_ORDER.exec(headers.authorization ?? '')?.[1];
  return known(order === undefined ? undefined : { kind: 'technician', order: verifiedWorkOrder(context, order) });
}

function bearerOf({ headers }: FastifyRequest): string {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

function known<T extends Principal>(principal: T | undefined): T {
  if (principal === undefined) throw new CloudError('authentication_failed', 'The credential is missing or not valid.');
  return principal;
}

function permit({ role }: Person | TokenHolder, permission: Parameters<typeof isPermitted>[1]): void {
  if (!isPermitted(role, permission)) throw new CloudError('access_denied', `The role ${role} may not do this.`);
}

/** Both sides are hashed first, so that neither time nor length tells anything of the secret. */
function matches(token: string, expectedSha256: Buffer | null): boolean {
  return expectedSha256 !== null && timingSafeEqual(createHash('sha256').update(token).digest(), expectedSha256);
}
