import type { FastifyReply, FastifyRequest } from 'fastify';
import { engineErrors } from '../../errors.ts';
import type { TracedRequest } from '../../tracing/request-tracer.ts';
import { type ApiRoute, pathParameters } from '../api-route.ts';
import { type CommandOutcome, isPending, type OutcomeListener } from '../command-outcome.ts';
import { type CommandRequest, commandSchema } from '../command-request.ts';
import { type CommandSender, commandIdBytes } from '../command-submitter.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { DirectoryHunt } from '../hunt-directory.ts';
import { acceptedJson, refusalError, refusalProblem } from '../outcome-json.ts';
import { undecided, withdrawn } from '../recent-outcomes.ts';
import { sendError, sendJson, sendProblem } from '../reply-json.ts';
import { deadlineOf, timeoutHeader, timeoutHeaderSchema } from '../request-deadline.ts';
import { handedOverSchema, hexCommandId, outcomeSchema } from '../response-schemas.ts';

const commandBodyLimit = 16_384;

/** Answers one request once its command is decided. */
class WaitingReply implements OutcomeListener {
  commandId = '';
  readonly #parts: GatewayParts;
  readonly #reply: FastifyReply;
  readonly #hunt: DirectoryHunt;
  readonly #request: CommandRequest;
  readonly #enteredAt: number;
  readonly #traced: TracedRequest | undefined;

  /** @param enteredAt when it was let in; it leaves with the first answer of any kind */
  constructor(
    parts: GatewayParts,
    reply: FastifyReply,
    hunt: DirectoryHunt,
    request: CommandRequest,
    enteredAt: number,
    traced: TracedRequest | undefined,
  ) {
    this.#parts = parts;
    this.#reply = reply;
    this.#hunt = hunt;
    this.#request = request;
    this.#enteredAt = enteredAt;
    this.#traced = traced;
  }

  leave(): void {
    const { admission, clock } = this.#parts;
    admission.leave(this.#enteredAt, clock.now());
  }

  onOutcome(_tag: number, outcome: CommandOutcome): void {
    this.leave();
    this.#traced?.decided();
    sendOutcome(this.#reply, this.#hunt, this.commandId, outcome, this.#request);
  }

  onUndecided(): void {
    this.leave();
    sendHandedOver(this.#reply, this.#hunt, this.commandId);
  }

  onRefused(_tag: number, error: Error): void {
    this.leave();
    sendError(this.#reply, error);
  }
}

function sendOutcome(
  reply: FastifyReply,
  hunt: DirectoryHunt,
  commandId: string,
  outcome: CommandOutcome,
  request?: CommandRequest,
): void {
  const error = refusalError(outcome);
  if (error !== undefined) sendProblem(reply, refusalProblem(commandId, outcome, error));
  else {
    const pending = isPending(outcome.code);
    if (pending) reply.header('location', locationOf(hunt, commandId));
    sendJson(reply, pending ? 202 : 200, acceptedJson(commandId, outcome, hunt, request));
  }
}

function sendHandedOver(reply: FastifyReply, hunt: DirectoryHunt, commandId: string): void {
  reply.header('location', locationOf(hunt, commandId));
  sendJson(reply, 202, `{"commandId":"${commandId}"}`);
}

function locationOf(hunt: DirectoryHunt, commandId: string): string {
  return `/v1/hunts/${hunt.slug}/commands/${commandId}`;
}

/** Single commands, and their outcomes. */
export function commandRoutes(parts: GatewayParts): ApiRoute[] {
  return [
    {
      method: 'POST',
      url: '/v1/hunts/:hunt/commands',
      operationId: 'submitCommand',
      summary:
        'Sends a command and waits for its outcome, or with "Prefer: respond-async" does not',
      access: { player: true },
      bodyLimit: commandBodyLimit,
      body: commandSchema,
      headers: {
        'idempotency-key': {
          type: 'string',
          description: '1 to 128 visible ASCII characters. The same key is the same command.',
        },
        prefer: { type: 'string', description: 'respond-async' },
        [timeoutHeader]: timeoutHeaderSchema,
      },
      responses: {
        200: { description: 'It had its effect; a wrong answer is one', schema: outcomeSchema },
        202: { description: 'Handed over; ask at Location', schema: handedOverSchema },
      },
      errors: [
        'rules-step-cooling-down',
        'engine-overloaded',
        'engine-rate-limited',
        'engine-deadline-passed',
      ],
      handler: (request, reply) => submitCommand(parts, request, reply),
    },
    {
      method: 'GET',
      url: '/v1/hunts/:hunt/commands/:commandId',
      operationId: 'commandOutcome',
      summary: 'The outcome of a command',
      responses: {
        200: { description: 'Decided', schema: outcomeSchema },
        202: { description: 'Not decided yet', schema: handedOverSchema },
      },
      errors: ['engine-command-unknown'],
      handler: (request, reply) => commandOutcome(parts, request, reply),
    },
  ];
}

function submitCommand(parts: GatewayParts, request: FastifyRequest, reply: FastifyReply): void {
  parts.state.check();
  const hunt = parts.directory.hunt(pathParameters(request)['hunt']!);
  const player = parts.access.player(request, hunt);
  // All that follows happens in this turn: in time now is in time for the log.
  const deadline = deadlineOf(request, parts.config.current.deadlineMaxMs);
  parts.deadlines.check(deadline, 'command');
  const now = parts.clock.now();
  const refusal = roomFor(parts, now);
  if (refusal !== undefined) {
    parts.refusals.add(() => sendError(reply, refusal));
    return;
  }
  const command = request.body as CommandRequest;
  const { headers } = request;
  const prefer = headers['prefer'];
  const key = headers['idempotency-key'];
  const traced = parts.tracer?.of(request);
  const waiting = new WaitingReply(parts, reply, hunt, command, now, traced);
  const isAsync = prefer !== undefined && wantsAsync(prefer);
  const from: CommandSender = { sender: player.player, team: player.team, player: player.player };
  try {
    parts.playerRates.take(player.playerId, 1, now, parts.ratesOf(hunt.slug));
    waiting.commandId = parts.submitter.submit(
      hunt,
      command,
      typeof key === 'string' ? key : undefined,
      from,
      now,
      isAsync ? undefined : waiting,
      0,
      traced?.context,
    );
    traced?.admitted();
  } catch (error) {
    waiting.leave();
    throw error;
  }
  if (!isAsync) return;
  waiting.leave();
  sendHandedOver(reply, hunt, waiting.commandId);
}

/** Lets one command in, or says why not. */
function roomFor({ admission, batcher }: GatewayParts, now: number): unknown {
  try {
    batcher.checkRoom(1);
  } catch (error) {
    return error;
  }
  if (admission.enter(now)) return undefined;
  batcher.counts.shed += 1;
  const { inflight, limit } = admission;
  return engineErrors.create('engine-overloaded', { inflight, limit: Math.floor(limit) });
}

function wantsAsync(prefer: string | readonly string[]): boolean {
  return String(prefer)
    .split(',')
    .some((preference) => preference.trim().toLowerCase() === 'respond-async');
}

async function commandOutcome(
  parts: GatewayParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  parts.state.check();
  const { hunt: slug, commandId } = pathParameters(request) as { hunt: string; commandId: string };
  const hunt = parts.directory.hunt(slug);
  const id = commandIdBytes(commandId);
  if (id === undefined) {
    const reason = `must match ${hexCommandId.pattern}`;
    throw engineErrors.create('engine-request-invalid', { where: 'commandId', reason });
  }
  const recent = parts.batcher.recent.find(id, 0, ({ status }) => status !== withdrawn);
  if (recent?.status === undecided) {
    sendHandedOver(reply, hunt, commandId);
    return;
  }
  const decided = recent ?? (await parts.archive.decision(commandId));
  if (decided === undefined) throw engineErrors.create('engine-command-unknown');
  const { status, code, a, b } = decided;
  sendOutcome(reply, hunt, commandId, { status, code, a, b, repeated: false });
}
