import { idFromHex, rulesErrors } from '@hunt/rules';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { engineErrors } from '../../errors.ts';
import { shownName } from '../../identity/name.ts';
import type { TeamProgress } from '../../processor/command-port.ts';
import { type ApiRoute, pathParameters } from '../api-route.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { DirectoryHunt } from '../hunt-directory.ts';
import { sendJson } from '../reply-json.ts';
import { joinedSchema, progressSchema } from '../response-schemas.ts';

interface JoinRequest {
  readonly name: string;
  readonly team?: { readonly name?: string; readonly joinCode?: string };
}

/** A joined player, before the token is signed. */
interface NewPlayer {
  readonly playerId: string;
  readonly teamId: string;
  readonly joinCode?: string;
}

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
      responses: { 201: { description: 'The token is shown once', schema: joinedSchema } },
      errors: [
        'engine-name-invalid',
        'engine-hunt-needs-team',
        'engine-team-name-taken',
        'engine-join-code-unknown',
        'rules-team-full',
        'rules-hunt-not-for-teams',
        'engine-rate-limited',
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
      responses: { 200: { description: 'As decided', schema: progressSchema } },
      errors: ['rules-team-unknown'],
      handler: (request, reply) => readProgress(parts, request, reply),
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
  const { name, team } = request.body as JoinRequest;
  const shown = shownName(name);
  const player = await (hunt.definition.teamSize === 1
    ? joinAlone(parts, hunt, shown, team)
    : joinTeam(parts, hunt, shown, team));
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

async function joinAlone(
  { identity, registrar }: GatewayParts,
  hunt: DirectoryHunt,
  name: string,
  team: JoinRequest['team'],
): Promise<NewPlayer> {
  if (team !== undefined) throw rulesErrors.create('rules-hunt-not-for-teams');
  const player = await identity.createSoloPlayer(hunt.huntId, name);
  await registrar.register(hunt, idFromHex(player.teamId)!, idFromHex(player.playerId)!);
  return player;
}

async function joinTeam(
  { identity, registrar }: GatewayParts,
  hunt: DirectoryHunt,
  name: string,
  wanted: JoinRequest['team'],
): Promise<NewPlayer> {
  if (wanted === undefined) throw engineErrors.create('engine-hunt-needs-team');
  const team = await teamFor(identity, hunt, wanted);
  const teamId = idFromHex(team.teamId)!;
  if (wanted.name !== undefined) await registrar.register(hunt, teamId);
  const player = await identity.createPlayer(hunt.huntId, name, team.teamId);
  try {
    await registrar.join(hunt, teamId, idFromHex(player.playerId)!);
  } catch (error) {
    // A name that belongs to nobody in the hunt must not be kept.
    await identity.erasePlayer(hunt.huntId, player.playerId);
    throw error;
  }
  return { ...player, ...(team.joinCode === undefined ? {} : { joinCode: team.joinCode }) };
}

async function teamFor(
  identity: GatewayParts['identity'],
  hunt: DirectoryHunt,
  { name, joinCode }: NonNullable<JoinRequest['team']>,
) {
  if (name !== undefined) {
    const team = await identity.teamNamed(hunt.huntId, shownName(name));
    if (!team.created) throw engineErrors.create('engine-team-name-taken');
    return team;
  }
  const team = await identity.teamByJoinCode(hunt.huntId, joinCode!);
  if (team === undefined) throw engineErrors.create('engine-join-code-unknown');
  return team;
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

/** Steps and treasures by their ids, with the hints that were paid for. */
function itemProgress({ definition }: DirectoryHunt, progress: TeamProgress) {
  const steps = definition.steps.map(({ id, hints }, number) => {
    const step = progress.steps[number]!;
    const taken = step.hints.map((hint) => ({ hint: hint + 1, text: hints[hint]?.text ?? '' }));
    return { id, ...step, hints: taken };
  });
  const treasures = definition.treasures.map(({ id }, number) => ({
    id,
    ...progress.treasures[number]!,
  }));
  return { steps, treasures };
}
