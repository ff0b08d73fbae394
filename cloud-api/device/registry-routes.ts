import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CertificateIdSchema, ProblemSchema } from '../../contract/index.js';
import { HwIdSchema, TagUidSchema } from '../../provisioning/hw-id/index.js';
import type { CloudContext } from '../context.js';
import { setClaimCertificates } from './claim-certificates.js';
import { registerHardware, setSunTag } from './hardware-registry.js';
import { HookInputSchema } from './hook-input.js';
import { decideProvisioning } from './pre-provisioning.js';
import { type LetsGo, releaseBy } from './release-hub.js';

const MadeSchema = z.object({
  tagUid: TagUidSchema,
  keyId: z.number().int().min(0).max(255),
  model: z.number().int().min(0).max(255),
  batch: z.number().int().min(0).max(65_535),
});

const SunTagSchema = z.object({
  tagUid: TagUidSchema.nullable().describe('of the NTAG 424 DNA on the hub; null: it has none'),
});

const ClaimCertificatesSchema = z.object({
  claimCertificateIds: z
    .array(CertificateIdSchema)
    .max(100)
    .describe('empty: none may be used for this batch any more'),
});

const HookAnswerSchema = z.object({
  allowProvisioning: z.boolean(),
  parameterOverrides: z.object({ ThingName: z.string() }).optional(),
  reason: z.string().optional(),
});

type RegistryParts = { context: CloudContext; bindings: LetsGo };

/** The factory's registry, and the hook that AWS IoT asks before it registers a device. */
export function registryRoutes({ context, bindings }: RegistryParts): FastifyPluginAsyncZod {
  const release = releaseBy(bindings);
  return async (app) => {
    app.put(
      '/v1/operator/hardware/:hwId',
      {
        config: { access: { by: 'operator' } },
        schema: {
          params: z.object({ hwId: HwIdSchema }),
          body: MadeSchema,
          response: {
            200: MadeSchema.extend({ hwId: HwIdSchema, state: z.enum(['MADE', 'PROVISIONED', 'RETIRED', 'BLOCKED']) }),
            default: ProblemSchema,
          },
        },
      },
      async (request) => registerHardware(context, { hwId: request.params.hwId, ...request.body }),
    );
    app.put(
      '/v1/operator/hardware/:hwId/sun-tag',
      {
        config: { access: { by: 'operator' } },
        schema: {
          params: z.object({ hwId: HwIdSchema }),
          body: SunTagSchema,
          response: { 200: SunTagSchema, default: ProblemSchema },
        },
      },
      async (request) => ({ tagUid: await setSunTag(context, request.params.hwId, request.body.tagUid) }),
    );
    app.put(
      '/v1/operator/batches/:batch/claim-certificates',
      {
        config: { access: { by: 'operator' } },
        schema: {
          params: z.object({ batch: z.coerce.number().pipe(MadeSchema.shape.batch) }),
          body: ClaimCertificatesSchema,
          response: { 200: ClaimCertificatesSchema, default: ProblemSchema },
        },
      },
      async (request) => {
        const { batch } = request.params;
        return { claimCertificateIds: await setClaimCertificates(context, batch, request.body.claimCertificateIds) };
      },
    );
    app.post(
      '/v1/hooks/pre-provisioning',
      {
        config: { access: { by: 'hook' } },
        schema: { body: HookInputSchema, response: { 200: HookAnswerSchema, default: ProblemSchema } },
      },
      async (request) => decideProvisioning({ ...context, release }, request.body),
    );
  };
}
