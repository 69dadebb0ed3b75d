import { idFromHex, rulesErrors } from '@hunt/rules';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { engineErrors } from '../../errors.ts';
import type { TeamProgress } from '../../processor/command-port.ts';
import { type ApiRoute, pathParameters } from '../api-route.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { DirectoryHunt } from '../hunt-directory.ts';
import type { JoinRequest } from '../player-joins.ts';
import { readErrors } from '../read-gate.ts';
import { sendJson } from '../reply-json.ts';
import { deadlineOf, timeoutHeader, timeoutHeaderSchema } from '../request-deadline.ts';
import { joinedSchema, progressSchema } from '../response-schemas.ts';

/** Tokens outlive their hunt by this, so that players can look at what they did. */
const tokenGraceMs = 7 * 86_400_000;

/** Players and their progress. */
export function playerRoutes(parts: GatewayParts): ApiRoute[] {
  return [
    {
      method: 'POST',
      url: '/v1/hunts/:hunt/players',
      operationId: 'joinHunt',
      summary: 'Joins as a guest: alone, with a new team, or with a join code',
      body: {
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: {
          name: { type: 'string', description: '1 to 64 characters.' },
          team: {
            type: 'object',
            minProperties: 1,
            maxProperties: 1,
            additionalProperties: false,
            properties: { name: { type: 'string' }, joinCode: { type: 'string' } },
          },
        },
      },
      bodyLimit: 16_384,
      headers: {
        'idempotency-key': {
          type: 'string',
          description:
            '1 to 128 visible ASCII characters, drawn at random: as secret as the token. The same key is the same join, which goes on where it stopped and gives the same answer.',
        },
        [timeoutHeader]: timeoutHeaderSchema,
      },
      responses: { 201: { description: 'The token is shown once', schema: joinedSchema } },
      errors: [
        'engine-name-invalid',
        'engine-hunt-needs-team',
        'engine-team-name-taken',
        'engine-join-key-reused',
        'engine-idempotency-key-invalid',
        'engine-join-code-unknown',
        'rules-team-full',
        'rules-hunt-not-for-teams',
        'engine-rate-limited',
        'engine-deadline-passed',
      ],
      handler: (request, reply) => join(parts, request, reply),
    },
    {
      method: 'DELETE',
      url: '/v1/hunts/:hunt/players/:player',
      operationId: 'erasePlayer',
      summary: 'Deletes a person: afterwards nothing leads from the ids in the log to them',
      access: { scope: 'erase' },
      responses: { 204: { description: 'Erased' } },
      errors: ['engine-player-unknown'],
      handler: (request, reply) => erase(parts, request, reply),
    },
    {
      method: 'GET',
      url: '/v1/hunts/:hunt/me',
      operationId: 'readProgress',
      summary: "The player's own progress: that of the team",
      access: { player: true },
      responses: { 200: { description: 'As decided, and durable', schema: progressSchema } },
      headers: { [timeoutHeader]: timeoutHeaderSchema },
      errors: ['rules-team-unknown', 'veltrix-partition-stopped', ...readErrors],
      handler: (request, reply) =>
        parts.reads.answer(request, reply, () => readProgress(parts, request, reply)),
    },
  ];
}

async function join(
  parts: GatewayParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  parts.state.check();
  const hunt = parts.directory.hunt(pathParameters(request)['hunt']!);
  parts.joinRates.take(request.ip, 1, parts.clock.now());
  parts.batcher.checkRoom(1);
  const key = request.headers['idempotency-key'];
  const deadline = deadlineOf(request, parts.config.current.deadlineMaxMs);
  const wanted = request.body as JoinRequest;
  const player = await parts.deadlines.within(deadline, 'join', () =>
    parts.joins.join(hunt, wanted, typeof key === 'string' ? key : undefined),
  );
  parts.tracer?.of(request)?.decided();
  const expiresAt = hunt.definition.closesAt + tokenGraceMs;
  const token = parts.tokens.sign({
    hunt: hunt.id,
    team: idFromHex(player.teamId)!,
    player: idFromHex(player.playerId)!,
    expiresAt,
  });
  const joined = {
    player: player.playerId,
    team: player.teamId,
    token,
    joinCode: player.joinCode,
    expiresAt: new Date(expiresAt).toISOString(),
  };
  sendJson(reply, 201, JSON.stringify(joined));
}

async function erase(
  parts: GatewayParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { hunt: slug, player } = pathParameters(request) as { hunt: string; player: string };
  const hunt = parts.directory.hunt(slug);
  await parts.access.organiser(request, 'erase');
  const isKnown = idFromHex(player) && (await parts.identity.erasePlayer(hunt.huntId, player));
  if (!isKnown) throw engineErrors.create('engine-player-unknown');
  reply.code(204).send();
}

async function readProgress(
  parts: GatewayParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const hunt = parts.directory.hunt(pathParameters(request)['hunt']!);
  const { teamId } = parts.access.player(request, hunt);
  const [progress, standing] = await Promise.all([
    parts.port.team(hunt.huntId, teamId),
    parts.standings.rowIfReachable(hunt, teamId),
  ]);
  if (progress === undefined) throw rulesErrors.create('rules-team-unknown');
  const shown = {
    team: teamId,
    name: standing?.name ?? '',
    rank: standing?.rank,
    staleSince: standing?.staleSince,
    points: progress.points,
    penaltySeconds: progress.penaltySeconds,
    lastScoreAt: progress.lastScoreAt === 0 ? null : new Date(progress.lastScoreAt).toISOString(),
    members: progress.members,
    ...itemProgress(hunt, progress),
  };
  sendJson(reply, 200, JSON.stringify(shown));
}

/**
 * Steps and treasures by their ids, with the hints that were paid for: those that the team's partition has heard of,
 * which may have another version of the hunt than the gateway.
 */
function itemProgress({ definition }: DirectoryHunt, progress: TeamProgress) {
  const steps = definition.steps.slice(0, progress.steps.length).map(({ id, hints }, number) => {
    const step = progress.steps[number]!;
    const taken = step.hints.map((hint) => ({ hint: hint + 1, text: hints[hint]?.text ?? '' }));
    return { id, ...step, hints: taken };
  });
  const treasures = definition.treasures
    .slice(0, progress.treasures.length)
    .map(({ id }, number) => ({ id, ...progress.treasures[number]! }));
  return { steps, treasures };
}
