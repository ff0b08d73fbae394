import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { WORK_ORDER_SCHEME } from '../contract/index.js';
import type { Access } from './auth/principal.js';

/** What each kind of caller shows, any of these, by the name that it has in the document. */
const CREDENTIALS = {
  anyone: [],
  person: ['accessToken'],
  token: ['personalAccessToken'],
  hub: ['deviceToken'],
  operator: ['operatorToken'],
  technician: ['workOrder'],
  'field-worker': ['operatorToken', 'workOrder'],
  hook: ['hookToken'],
} as const satisfies Record<Access['by'], readonly string[]>;

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description }) as const;

/** How `/openapi.json` is made: from the routes' own schemas, each with the credential that it asks for. */
export const API_DESCRIPTION: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Inklet cloud API', version: '1' },
    components: {
      securitySchemes: {
        accessToken: bearer('of a person who has logged in; good for 15 minutes'),
        personalAccessToken: bearer('of a program, made by a person'),
        deviceToken: bearer('signed by a hub with its device key; good for 5 minutes'),
        operatorToken: bearer("the operator's own"),
        workOrder: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: `${WORK_ORDER_SCHEME} and the work order of a technician, good for what it lists on its day`,
        },
        hookToken: bearer('of the pre-provisioning hook'),
      },
    },
  },
  transform: (given) => {
    const { schema, url } = jsonSchemaTransform(given);
    return { schema: { ...schema, security: securityOf(given.route.config?.access) }, url };
  },
};

function securityOf(access: Access | undefined): Record<string, string[]>[] {
  return access === undefined ? [] : CREDENTIALS[access.by].map((name) => ({ [name]: [] }));
}
