import type { Deadline } from 'veltrix/resilience';
import { engineErrors } from '../errors.ts';
import { isPending } from '../last-word.ts';
import type { TracedRequest } from '../tracing/request-tracer.ts';
import { AdmittedCommand, PromisedCommand } from './admitted-command.ts';
import type { CommandOutcome, OutcomeListener } from './command-outcome.ts';
import type { CommandRequest } from './command-request.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { DirectoryHunt } from './hunt-directory.ts';
import { acceptedJson, refusalError, refusalProblem } from './outcome-json.ts';
import { type JsonReply, sendError, sendJson, sendProblem } from './reply-json.ts';
import { type Arrived, deadlineOf } from './request-deadline.ts';

/** One command that came by HTTP, whoever took it from the connection. */
export interface SingleCommand extends Arrived {
  /** The hunt, as the address names it. */
  readonly slug: string;
  /** As `commandSchema` has it. */
  readonly body: CommandRequest;
  readonly traced: TracedRequest | undefined;
}

/** Answers one request once its command is decided. */
class WaitingReply extends AdmittedCommand implements OutcomeListener {
  commandId = '';
  readonly #reply: JsonReply;
  readonly #hunt: DirectoryHunt;
  readonly #request: CommandRequest;
  readonly #deadline: Deadline;
  readonly #traced: TracedRequest | undefined;

  constructor(
    parts: GatewayParts,
    reply: JsonReply,
    hunt: DirectoryHunt,
    request: CommandRequest,
    partition: number,
    enteredAt: number,
    deadline: Deadline,
    traced: TracedRequest | undefined,
  ) {
    super(parts, partition, enteredAt);
    this.#reply = reply;
    this.#hunt = hunt;
    this.#request = request;
    this.#deadline = deadline;
    this.#traced = traced;
  }

  usefulUntil(): number {
    return this.#deadline.at;
  }

  onLastWordAwaited(): void {
    this.leave();
  }

  onOutcome(_tag: number, outcome: CommandOutcome): void {
    this.leave();
    this.#traced?.decided();
    sendOutcome(this.#reply, this.#hunt, this.commandId, outcome, this.#request);
  }

  onUndecided(): void {
    this.giveUp();
    sendHandedOver(this.#reply, this.#hunt, this.commandId);
  }

  onRefused(_tag: number, error: Error): void {
    this.giveUp();
    sendError(this.#reply, error);
  }
}

/** Says what became of a command; `request`, where it is known, for what a hint says. */
export function sendOutcome(
  reply: JsonReply,
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

/** It will be decided; where to ask. */
export function sendHandedOver(reply: JsonReply, hunt: DirectoryHunt, commandId: string): void {
  reply.header('location', locationOf(hunt, commandId));
  sendJson(reply, 202, `{"commandId":"${commandId}"}`);
}

function locationOf(hunt: DirectoryHunt, commandId: string): string {
  return `/v1/hunts/${hunt.slug}/commands/${commandId}`;
}

/**
 * Answers one command once it is decided, or at once where the client does not wait. Throws what refuses the
 * request itself, and what `CommandSubmitter.submit` throws.
 */
export function submitCommand(parts: GatewayParts, request: SingleCommand, reply: JsonReply): void {
  parts.state.check();
  const hunt = parts.directory.hunt(request.slug);
  const player = parts.access.player(request, hunt);
  const deadline = deadlineOf(request, parts.config.current.deadlineMaxMs);
  parts.deadlines.check(deadline, 'command');
  const now = parts.clock.now();
  const from = parts.submitter.senderOf(hunt, player);
  const { partition } = from;
  const refusal = roomFor(parts, partition, now);
  if (refusal !== undefined) {
    parts.refusals.add(() => sendError(reply, refusal));
    return;
  }
  const { body: command, headers, traced } = request;
  const prefer = headers['prefer'];
  const key = headers['idempotency-key'];
  const admitted =
    prefer !== undefined && wantsAsync(prefer)
      ? new PromisedCommand(parts, partition, now)
      : new WaitingReply(parts, reply, hunt, command, partition, now, deadline, traced);
  let commandId: string;
  try {
    parts.playerRates.take(player.playerId, 1, now, parts.ratesOf(hunt.slug));
    commandId = parts.submitter.submit(
      hunt,
      command,
      typeof key === 'string' ? key : undefined,
      from,
      now,
      admitted,
      0,
      traced?.context,
    );
  } catch (error) {
    admitted.cancel();
    throw error;
  }
  traced?.admitted();
  if (admitted instanceof WaitingReply) admitted.commandId = commandId;
  else sendHandedOver(reply, hunt, commandId);
}

/** Lets one command in, or says why not. */
function roomFor({ admission, batcher }: GatewayParts, partition: number, now: number): unknown {
  try {
    batcher.checkRoom(1, partition);
  } catch (error) {
    return error;
  }
  if (admission.enter(partition, now)) return undefined;
  const { inflight, limit } = admission.limitOf(partition);
  const full = { inflight, limit: Math.floor(limit) };
  if (admission.isApart(partition)) {
    batcher.shed(1, partition);
    return engineErrors.create('engine-partition-overloaded', { ...full, partition });
  }
  batcher.shed(1);
  return engineErrors.create('engine-overloaded', full);
}

function wantsAsync(prefer: string | readonly string[]): boolean {
  return String(prefer)
    .split(',')
    .some((preference) => preference.trim().toLowerCase() === 'respond-async');
}
