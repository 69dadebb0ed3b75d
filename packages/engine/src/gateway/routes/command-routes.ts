import type { FastifyReply, FastifyRequest } from 'fastify';
import { engineErrors } from '../../errors.ts';
import { type ApiRoute, pathParameters } from '../api-route.ts';
import { askedOutcome } from '../asked-outcome.ts';
import { type CommandRequest, commandSchema } from '../command-request.ts';
import { commandIdBytes } from '../command-submitter.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { undecided } from '../recent-outcomes.ts';
import { timeoutHeader, timeoutHeaderSchema } from '../request-deadline.ts';
import { handedOverSchema, hexCommandId, outcomeSchema } from '../response-schemas.ts';
import { sendHandedOver, sendOutcome, submitCommand } from '../single-command.ts';

/** Bytes. */
export const commandBodyLimit = 16_384;

/** Of single commands, as `DirectCommands` takes them, too. */
export const commandsUrl = '/v1/hunts/:hunt/commands';

/** Single commands, and their outcomes. */
export function commandRoutes(parts: GatewayParts): ApiRoute[] {
  return [
    {
      method: 'POST',
      url: commandsUrl,
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
        'engine-partition-overloaded',
        'engine-rate-limited',
        'engine-deadline-passed',
      ],
      handler: (request, reply) =>
        submitCommand(
          parts,
          {
            slug: pathParameters(request)['hunt']!,
            headers: request.headers,
            arrivedAt: request.arrivedAt,
            body: request.body as CommandRequest,
            traced: parts.tracer?.of(request),
          },
          reply,
        ),
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
  const { archive, batcher } = parts;
  const told = await askedOutcome({ recent: batcher.recent, archive }, commandId, id);
  if (told === undefined) throw engineErrors.create('engine-command-unknown');
  if (told.status === undecided) {
    sendHandedOver(reply, hunt, commandId);
    return;
  }
  const { status, code, a, b } = told;
  sendOutcome(reply, hunt, commandId, { status, code, a, b, repeated: false });
}
