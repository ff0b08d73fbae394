import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, NewTicketSchema, ProblemSchema, TicketSchema, TimestampSchema } from '../../contract/index.js';
import { HwIdSchema } from '../../provisioning/hw-id/index.js';
import { personOf, technicianOf } from '../auth/principal.js';
import { requireLeave } from '../auth/work-orders.js';
import type { CloudContext } from '../context.js';
import { cancelTicket, hardwareOfHub, issueTicket } from './reprovision-tickets.js';

const OWNER = { access: { by: 'person', permission: 'hub:reprovision' } } as const;
const OPERATOR = { access: { by: 'operator' } } as const;

const HubParamsSchema = z.object({ id: IdSchema });
const HardwareParamsSchema = z.object({ hwId: HwIdSchema });
const OwnersTicketSchema = z.object({ hubId: IdSchema, expiresAt: TimestampSchema });
const NothingSchema = z.null();

/** Who lets a hub that was at work be provisioned once more: its owner, the operator, or a technician. */
export function ticketRoutes({ context }: { context: CloudContext }): FastifyPluginAsyncZod {
  return async (app) => {
    const ofHub = '/api/v1/hubs/:id/reprovision-ticket';
    app.post(
      ofHub,
      {
        config: OWNER,
        schema: { params: HubParamsSchema, response: { 201: OwnersTicketSchema, default: ProblemSchema } },
      },
      async (request, reply) => {
        const { householdId, accountId } = personOf(request);
        const hubId = request.params.id;
        const hwId = await hardwareOfHub(context, { householdId, hubId });
        const { expiresAt } = await issueTicket(context, hwId, { issuer: 'owner', householdId, accountId });
        return reply.code(201).send({ hubId, expiresAt: expiresAt.toISOString() });
      },
    );
    app.delete(
      ofHub,
      { config: OWNER, schema: { params: HubParamsSchema, response: { 204: NothingSchema, default: ProblemSchema } } },
      async (request, reply) => {
        const { householdId } = personOf(request);
        const hwId = await hardwareOfHub(context, { householdId, hubId: request.params.id });
        await cancelTicket(context, hwId);
        return reply.code(204).send(null);
      },
    );
    const ofHardware = '/v1/operator/hardware/:hwId/reprovision-ticket';
    app.post(
      ofHardware,
      {
        config: OPERATOR,
        schema: { params: HardwareParamsSchema, response: { 201: TicketSchema, default: ProblemSchema } },
      },
      async (request, reply) =>
        reply.code(201).send(told(await issueTicket(context, request.params.hwId, { issuer: 'operator' }))),
    );
    app.delete(
      ofHardware,
      {
        config: OPERATOR,
        schema: { params: HardwareParamsSchema, response: { 204: NothingSchema, default: ProblemSchema } },
      },
      async (request, reply) => {
        await cancelTicket(context, request.params.hwId);
        return reply.code(204).send(null);
      },
    );
    app.post(
      '/v1/technician/tickets',
      {
        config: { access: { by: 'technician' } },
        schema: { body: NewTicketSchema, response: { 201: TicketSchema, default: ProblemSchema } },
      },
      async (request, reply) => {
        const technician = technicianOf(request);
        const { technician: name, id } = technician.order;
        const issuer = { issuer: 'technician', technician: name, workOrderId: id } as const;
        const ticket = await issueTicket(context, request.body.hwId, issuer, (made) =>
          requireLeave(technician, ['reprovision'], made),
        );
        return reply.code(201).send(told(ticket));
      },
    );
  };
}

function told({ hwId, expiresAt }: { hwId: string; expiresAt: Date }): z.infer<typeof TicketSchema> {
  return { hwId, expiresAt: expiresAt.toISOString() };
}
