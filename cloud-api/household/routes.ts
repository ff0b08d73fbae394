import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, ProblemSchema, TimestampSchema } from '../../contract/index.js';
import { personOf } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import { readHousehold } from './households.js';

const HouseholdSchema = z.object({
  id: IdSchema,
  name: z.string(),
  createdAt: TimestampSchema,
  members: z.array(z.object({ accountId: IdSchema, role: z.enum(['owner']) })),
});

export function householdRoutes({ context }: { context: CloudContext }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/v1/household',
      {
        config: { access: { by: 'person', permission: 'household:read' } },
        schema: { response: { 200: HouseholdSchema, default: ProblemSchema } },
      },
      async (request) => {
        const { createdAt, ...rest } = await readHousehold(context, personOf(request).householdId);
        return { ...rest, createdAt: createdAt.toISOString() };
      },
    );
  };
}
