import { idToHex, noId } from '@hunt/rules';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { TraceContext } from 'veltrix';
import type { Deadline } from 'veltrix/resilience';

import { engineErrors } from '../../errors.ts';
import { shownName } from '../../identity/name.ts';
import { type ApiRoute, pathParameters } from '../api-route.ts';
import type { CommandOutcome, OutcomeListener } from '../command-outcome.ts';
import type { RecordedCommand } from '../command-request.ts';
import type { CommandSender } from '../command-submitter.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { DirectoryHunt } from '../hunt-directory.ts';
import { notTakenJson, resultJson, undecidedJson } from '../outcome-json.ts';
import { recordedTime } from '../recorded-time.ts';
import { sendJson } from '../reply-json.ts';
import { deadlineOf, timeoutHeader, timeoutHeaderSchema } from '../request-deadline.ts';
import { batchResultsSchema, teamsSchema } from '../response-schemas.ts';
import type { SchemaValidator } from '../schema-validator.ts';

const batchMaxCommands = 1_000;
const teamsMax = 10_000;
/** Of a batch that is traced, how many commands are followed: the first ones. */
const tracedMax = 16;

/** Gathers the results of a batch and answers once all are there. One object for all its commands. */
class WaitingBatch implements OutcomeListener {
  readonly commandIds: string[] = [];
  readonly #reply: FastifyReply;
  readonly #hunt: DirectoryHunt;
  readonly #commands: readonly RecordedCommand[];
  readonly #deadline: Deadline;
  readonly #results: string[] = [];
  #missing: number;

  constructor(
    reply: FastifyReply,
    hunt: DirectoryHunt,
    commands: readonly RecordedCommand[],
    deadline: Deadline,
  ) {
    this.#reply = reply;
    this.#deadline = deadline;
    this.#hunt = hunt;
    this.#commands = commands;
    this.#missing = commands.length;
  }

  usefulUntil(): number {
    return this.#deadline.at;
  }

  onOutcome(tag: number, outcome: CommandOutcome): void {
    const json = resultJson(this.commandIds[tag]!, outcome, this.#hunt, this.#commands[tag]!);
    this.#settle(tag, json);
  }

  onUndecided(tag: number): void {
    this.#settle(tag, undecidedJson(this.commandIds[tag]!));
  }

  onRefused(tag: number, error: unknown): void {
    this.#settle(tag, notTakenJson(error));
  }

  #settle(tag: number, json: string): void {
    this.#results[tag] = json;
    this.#missing -= 1;
    if (this.#missing === 0) sendJson(this.#reply, 200, `{"results":[${this.#results.join(',')}]}`);
  }
}

/** Many commands at once, and the teams of recorded contests. */
export function batchRoutes(parts: GatewayParts, validator: () => SchemaValidator): ApiRoute[] {
  return [
    {
      method: 'POST',
      url: '/v1/hunts/:hunt/commands/batch',
      operationId: 'submitBatch',
      summary: 'Sends up to 1,000 commands; results in their order',
      access: { player: true, scope: 'record' },
      body: {
        type: 'object',
        required: ['commands'],
        additionalProperties: false,
        properties: {
          commands: {
            type: 'array',
            minItems: 1,
            maxItems: batchMaxCommands,
            // Each is checked by itself, so that a malformed one costs only its own result.
            items: { description: 'As a single command, with `id` as its key.' },
          },
        },
      },
      headers: { [timeoutHeader]: timeoutHeaderSchema },
      responses: { 200: { description: 'One result per command', schema: batchResultsSchema } },
      errors: [
        'engine-overloaded',
        'engine-partition-overloaded',
        'engine-rate-limited',
        'engine-scope-missing',
        'engine-deadline-passed',
      ],
      handler: (request, reply) => submitBatch(parts, validator(), request, reply),
    },
    {
      method: 'PUT',
      url: '/v1/hunts/:hunt/teams',
      operationId: 'registerTeams',
      summary: 'Makes teams by their names and registers them; those that exist stay as they are',
      access: { scope: 'record' },
      body: {
        type: 'object',
        required: ['names'],
        additionalProperties: false,
        properties: {
          names: { type: 'array', maxItems: teamsMax, items: { type: 'string' } },
        },
      },
      responses: { 200: { description: 'In the order given', schema: teamsSchema } },
      errors: ['engine-name-invalid'],
      handler: (request, reply) => registerTeams(parts, request, reply),
    },
  ];
}

async function submitBatch(
  parts: GatewayParts,
  validator: SchemaValidator,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  parts.state.check();
  const hunt = parts.directory.hunt(pathParameters(request)['hunt']!);
  const deadline = deadlineOf(request, parts.config.current.deadlineMaxMs);
  parts.deadlines.check(deadline, 'batch');
  const { commands } = request.body as { readonly commands: readonly RecordedCommand[] };
  const trace = parts.tracer?.of(request)?.context;
  if (parts.access.isOrganiser(request)) {
    const sender = await parts.access.organiser(request, 'record');
    const problems = checkEach(commands, validator);
    const names = commands.map((command, tag) => teamName(command, tag, problems));
    const teams = await parts.deadlines.within(deadline, 'batch', () =>
      parts.registrar.ensure(hunt, names.filter(isName)),
    );
    parts.deadlines.check(deadline, 'batch');
    send(
      parts,
      hunt,
      commands,
      problems,
      reply,
      (tag) => {
        const team = teams.get(names[tag]!)!;
        return { sender, team, player: noId, partition: parts.submitter.partitionOf(hunt, team) };
      },
      deadline,
      trace,
    );
  } else {
    const player = parts.access.player(request, hunt);
    const own = parts.ratesOf(hunt.slug);
    parts.playerRates.take(player.playerId, commands.length, parts.clock.now(), own);
    const problems = checkEach(commands, validator);
    for (const [tag, command] of commands.entries()) {
      if (problems[tag] !== undefined) continue;
      if (command.team === undefined && command.at === undefined) continue;
      problems[tag] = engineErrors.create('engine-scope-missing', { scope: 'record' });
    }
    const from = parts.submitter.senderOf(hunt, player);
    send(parts, hunt, commands, problems, reply, () => from, deadline, trace);
  }
}

function isName(name: string | undefined): name is string {
  return name !== undefined;
}

/** What is wrong with each command, by its place. */
function checkEach(
  commands: readonly unknown[],
  validator: SchemaValidator,
): (unknown | undefined)[] {
  return commands.map((command) => {
    try {
      validator.check(command);
      return undefined;
    } catch (error) {
      return error;
    }
  });
}

/** The name of the team as it is shown; an invalid one becomes the problem of its command. */
function teamName(command: RecordedCommand, tag: number, problems: unknown[]): string | undefined {
  if (problems[tag] !== undefined) return undefined;
  try {
    if (command.team !== undefined) return shownName(command.team);
    const reason = 'must have a team';
    throw engineErrors.create('engine-request-invalid', { where: 'The command', reason });
  } catch (error) {
    problems[tag] = error;
    return undefined;
  }
}

function send(
  parts: GatewayParts,
  hunt: DirectoryHunt,
  commands: readonly RecordedCommand[],
  problems: readonly unknown[],
  reply: FastifyReply,
  senderOf: (tag: number) => CommandSender,
  deadline: Deadline,
  trace: TraceContext | undefined,
): void {
  const senders = commands.map((_, tag) =>
    problems[tag] === undefined ? senderOf(tag) : undefined,
  );
  parts.batcher.checkRoomOfEach(commandsByPartition(senders));
  const waiting = new WaitingBatch(reply, hunt, commands, deadline);
  const now = parts.clock.now();
  for (const [tag, command] of commands.entries()) {
    const sender = senders[tag];
    if (sender === undefined) {
      waiting.onRefused(tag, problems[tag]);
      continue;
    }
    try {
      const receivedAt = command.at === undefined ? now : recordedTime(command.at);
      waiting.commandIds[tag] = parts.submitter.submit(
        hunt,
        command,
        command.id,
        sender,
        receivedAt,
        waiting,
        tag,
        tag < tracedMax ? trace : undefined,
      );
    } catch (error) {
      waiting.onRefused(tag, error);
    }
  }
}

function commandsByPartition(senders: readonly (CommandSender | undefined)[]): Map<number, number> {
  const commandsOf = new Map<number, number>();
  for (const sender of senders) {
    if (sender === undefined) continue;
    commandsOf.set(sender.partition, (commandsOf.get(sender.partition) ?? 0) + 1);
  }
  return commandsOf;
}

async function registerTeams(
  parts: GatewayParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  parts.state.check();
  const hunt = parts.directory.hunt(pathParameters(request)['hunt']!);
  await parts.access.organiser(request, 'record');
  const { names } = request.body as { readonly names: readonly string[] };
  const shown = names.map(shownName);
  const registered = await parts.registrar.ensure(hunt, shown);
  const teams = names.map((name, index) => {
    const { low, high } = registered.get(shown[index]!)!;
    return { name, team: idToHex(low, high) };
  });
  sendJson(reply, 200, JSON.stringify({ teams }));
}
