import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ApiRoute, pathParameters } from '../api-route.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { SseConnection } from '../live/sse-connection.ts';
import { queryText } from '../query-number.ts';
import { securityHeaders } from '../security-headers.ts';

/** Live push as server-sent events; the same address takes WebSockets. */
export function liveRoutes(parts: GatewayParts): ApiRoute[] {
  return [
    {
      method: 'GET',
      url: '/v1/hunts/:hunt/live',
      operationId: 'followHunt',
      summary:
        'Live events: the standings, and with a token those of the own team. Upgraded, a WebSocket that also takes commands',
      access: { player: true },
      query: {
        cursor: { type: 'string', description: 'The last event seen; also as Last-Event-ID.' },
        token: { type: 'string', description: 'Where a header cannot be sent.' },
      },
      responses: {
        200: {
          description:
            'Events standings, team and reset; those with standings carry staleSince as a page of them does',
          mediaType: 'text/event-stream',
          schema: { type: 'string' },
        },
      },
      errors: ['engine-live-too-many', 'engine-live-too-slow'],
      handler: (request, reply) => follow(parts, request, reply),
    },
  ];
}

function follow(parts: GatewayParts, request: FastifyRequest, reply: FastifyReply): void {
  parts.state.check();
  const hunt = parts.directory.hunt(pathParameters(request)['hunt']!);
  const token = queryText(request, 'token');
  const isPlayer = token !== undefined || request.headers.authorization !== undefined;
  const player = isPlayer ? playerOf() : undefined;
  parts.live.checkRoom();
  reply.hijack();
  const connection = new SseConnection(reply.raw, securityHeaders);
  const subscriber = parts.live.subscribe(hunt, connection, cursorOf(request));
  reply.raw.on('close', () => parts.live.unsubscribe(subscriber));
  if (player !== undefined) parts.live.identify(subscriber, hunt, player);

  function playerOf() {
    return token === undefined
      ? parts.access.player(request, hunt)
      : parts.access.playerOf(token, hunt);
  }
}

function cursorOf(request: FastifyRequest): string | undefined {
  const last = request.headers['last-event-id'];
  return typeof last === 'string' ? last : queryText(request, 'cursor');
}
