import { ok } from 'node:assert';
import type { FastifyRequest } from 'fastify';
import type { WorkOrder } from '../../provisioning/work-order/index.js';
import type { Permission, Role } from './permissions.js';

/** Who may call a route; every route says it in its `config.access`. */
export type Access =
  | { by: 'anyone' }
  | { by: 'person'; permission: Permission }
  | { by: 'token'; permission: Permission }
  | { by: 'hub' }
  | { by: 'operator' }
  | { by: 'technician' }
  | { by: 'field-worker' }
  | { by: 'hook' };

/** A person with an access token. */
export type Person = { kind: 'person'; accountId: string; householdId: string; role: Role; sessionId: string };

/** A program with a personal access token. */
export type TokenHolder = { kind: 'token'; tokenId: string; accountId: string; householdId: string; role: Role };

/** A hub with a device token. Its household is null while nobody has bound it. */
export type HubCaller = {
  kind: 'hub';
  hubId: string;
  thingName: string;
  householdId: string | null;
  certificateId: string;
};

/** A technician with a work order, which says what he may do to which hardware. */
export type Technician = { kind: 'technician'; order: WorkOrder };

/** Whoever provisions hardware: the operator, or a technician. */
export type FieldWorker = { kind: 'operator' } | Technician;

export type Principal = Person | TokenHolder | HubCaller | FieldWorker | { kind: 'anyone' | 'hook' };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
}

const PRINCIPALS = new WeakMap<FastifyRequest, Principal>();

/** Notes who calls; the gate alone does it. */
export function setPrincipal(request: FastifyRequest, principal: Principal): void {
  PRINCIPALS.set(request, principal);
}

/** The person who calls; only for routes with `access: { by: 'person' }`. */
export function personOf(request: FastifyRequest): Person {
  const principal = PRINCIPALS.get(request);
  ok(principal?.kind === 'person');
  return principal;
}

/** The program that calls; only for routes with `access: { by: 'token' }`. */
export function tokenHolderOf(request: FastifyRequest): TokenHolder {
  const principal = PRINCIPALS.get(request);
  ok(principal?.kind === 'token');
  return principal;
}

/** The hub that calls; only for routes with `access: { by: 'hub' }`. */
export function hubOf(request: FastifyRequest): HubCaller {
  const principal = PRINCIPALS.get(request);
  ok(principal?.kind === 'hub');
  return principal;
}

/** The technician who calls; only for routes with `access: { by: 'technician' }`. */
export function technicianOf(request: FastifyRequest): Technician {
  const principal = PRINCIPALS.get(request);
  ok(principal?.kind === 'technician');
  return principal;
}

/** The operator or technician who calls; only for routes with `access: { by: 'field-worker' }` or one of the two. */
export function fieldWorkerOf(request: FastifyRequest): FieldWorker {
  const principal = PRINCIPALS.get(request);
  ok(principal?.kind === 'operator' || principal?.kind === 'technician');
  return principal;
}
