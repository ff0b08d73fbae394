import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  HardwareReportSchema,
  IdSchema,
  ProblemSchema,
  RegisteredHardwareSchema,
  RegisterHardwareSchema,
  TimestampSchema,
} from '../../contract/index.js';
import { HwIdSchema } from '../../provisioning/hw-id/index.js';
import { fieldWorkerOf } from '../auth/principal.js';
import { requireLeave } from '../auth/work-orders.js';
import type { CloudContext } from '../context.js';
import { listDecisions } from './decisions.js';
import { registerAll } from './hardware-registry.js';
import { reportOn } from './hardware-report.js';
import { changeState, type StateChange } from './hardware-state.js';
import { type LetsGo, releaseBy } from './release-hub.js';

const OPERATOR = { access: { by: 'operator' } } as const;
const PAGE = 50;
const LARGEST_PAGE = 200;

const ParamsSchema = z.object({ hwId: HwIdSchema });

const OperatorsReportSchema = HardwareReportSchema.extend({
  tagUid: z.string(),
  keyId: z.number(),
  model: z.number(),
  batch: z.number(),
  registeredBy: z.string().nullable().describe('operator, or the name of a technician'),
  stateReason: z.string().nullable(),
  isBound: z.boolean(),
  ticket: z
    .object({
      issuer: z.string(),
      expiresAt: TimestampSchema,
      usedAt: TimestampSchema.nullable(),
      cancelledAt: TimestampSchema.nullable(),
    })
    .nullable()
    .describe('the last that was issued'),
});

const DecisionSchema = z.object({
  id: IdSchema,
  at: TimestampSchema,
  kind: z.enum(['claim', 'rotation']),
  allowed: z.boolean(),
  reason: z.string().nullable(),
  hwId: z.string().nullable().describe('null while nothing proved it'),
  certificateId: z.string(),
  claimCertificateId: z.string(),
  clientId: z.string(),
  ticketId: z.string().nullable(),
  twinThingName: z.string().nullable().describe('whose key it was, for duplicate-key: a cloned card'),
});

const DecisionQuerySchema = z.object({
  hwId: HwIdSchema.optional(),
  reason: z.string().max(64).optional(),
  allowed: z.stringbool().optional(),
  before: IdSchema.optional().describe('the id of the last of the page before'),
  limit: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(PAGE),
});

const ReasonSchema = z.object({ reason: z.string().trim().min(1).max(500) });
const StateSchema = z.object({ hwId: HwIdSchema, state: HardwareReportSchema.shape.state });

type HardwareParts = { context: CloudContext; bindings: LetsGo };

/** What operators and technicians see of hardware, and what they may do with it. */
export function hardwareRoutes({ context, bindings }: HardwareParts): FastifyPluginAsyncZod {
  const release = releaseBy(bindings);
  return async (app) => {
    app.post(
      '/v1/operator/hardware',
      {
        config: { access: { by: 'field-worker' } },
        schema: {
          body: RegisterHardwareSchema,
          response: { 200: RegisteredHardwareSchema, default: ProblemSchema },
        },
      },
      async (request) => ({ items: await registerAll(context, request.body.items, fieldWorkerOf(request)) }),
    );
    app.get(
      '/v1/operator/hardware/:hwId',
      {
        config: OPERATOR,
        schema: { params: ParamsSchema, response: { 200: OperatorsReportSchema, default: ProblemSchema } },
      },
      async (request) => reportOn(context, request.params.hwId),
    );
    app.get(
      '/v1/technician/hardware/:hwId',
      {
        config: { access: { by: 'technician' } },
        schema: { params: ParamsSchema, response: { 200: HardwareReportSchema, default: ProblemSchema } },
      },
      async (request) => {
        const worker = fieldWorkerOf(request);
        return reportOn(context, request.params.hwId, (made) => requireLeave(worker, ['diagnose', 'provision'], made));
      },
    );
    for (const change of ['block', 'unblock', 'retire'] as const satisfies StateChange[]) {
      app.post(
        `/v1/operator/hardware/:hwId/${change}`,
        {
          config: OPERATOR,
          schema: { params: ParamsSchema, body: ReasonSchema, response: { 200: StateSchema, default: ProblemSchema } },
        },
        async (request) => {
          const { hwId } = request.params;
          const { reason } = request.body;
          return { hwId, state: await changeState({ ...context, release }, { hwId, change, reason }) };
        },
      );
    }
    app.get(
      '/v1/operator/decisions',
      {
        config: OPERATOR,
        schema: {
          querystring: DecisionQuerySchema,
          response: { 200: z.object({ items: z.array(DecisionSchema) }), default: ProblemSchema },
        },
      },
      async (request) => {
        const found = await listDecisions(context, request.query);
        return { items: found.map((one) => ({ ...one, at: one.at.toISOString() })) };
      },
    );
  };
}
