import { rulesErrors } from '@hunt/rules';
import { type ApiRoute, pathParameters } from '../api-route.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { queryNumber } from '../query-number.ts';
import { readErrors } from '../read-gate.ts';
import { sendJson } from '../reply-json.ts';
import { timeoutHeader, timeoutHeaderSchema } from '../request-deadline.ts';
import { standingSchema, standingsSchema } from '../response-schemas.ts';

const fromRange = { least: 0, most: 100_000_000, default: 0 };
const limitRange = { least: 1, most: 1_000, default: 100 };

/** Who leads. */
export function standingsRoutes(parts: GatewayParts): ApiRoute[] {
  return [
    {
      method: 'GET',
      url: '/v1/hunts/:hunt/standings',
      operationId: 'readStandings',
      summary: 'The standings, a page at a time; equals share a rank and stand in order of team id',
      query: {
        from: {
          type: 'integer',
          minimum: 0,
          maximum: fromRange.most,
          default: 0,
          description: 'Position, 0 is the first.',
        },
        limit: {
          type: 'integer',
          minimum: 1,
          maximum: limitRange.most,
          default: limitRange.default,
        },
      },
      responses: { 200: { description: 'A page', schema: standingsSchema } },
      headers: { [timeoutHeader]: timeoutHeaderSchema },
      errors: readErrors,
      handler: (request, reply) =>
        parts.reads.answer(request, reply, async () => {
          const hunt = parts.directory.hunt(pathParameters(request)['hunt']!);
          const from = queryNumber(request, 'from', fromRange);
          const limit = queryNumber(request, 'limit', limitRange);
          sendJson(reply, 200, await parts.standings.page(hunt, from, limit));
        }),
    },
    {
      method: 'GET',
      url: '/v1/hunts/:hunt/standings/:team',
      operationId: 'readStanding',
      summary: 'The place of one team',
      responses: { 200: { description: 'Its row', schema: standingSchema } },
      headers: { [timeoutHeader]: timeoutHeaderSchema },
      errors: ['rules-team-unknown', ...readErrors],
      handler: (request, reply) =>
        parts.reads.answer(request, reply, async () => {
          const { hunt: slug, team } = pathParameters(request) as { hunt: string; team: string };
          const hunt = parts.directory.hunt(slug);
          const isId = /^[0-9a-f]{16}$/.test(team);
          const row = isId ? await parts.standings.row(hunt, team) : undefined;
          if (row === undefined) throw rulesErrors.create('rules-team-unknown');
          sendJson(reply, 200, JSON.stringify(row));
        }),
    },
  ];
}
