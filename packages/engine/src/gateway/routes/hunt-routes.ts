import type { Problem } from '@hunt/rules';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { engineErrors } from '../../errors.ts';
import { type ApiRoute, pathParameters } from '../api-route.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { DirectoryHunt } from '../hunt-directory.ts';
import { problemOf } from '../problem.ts';
import { sendJson, sendProblem } from '../reply-json.ts';
import {
  huntListSchema,
  huntSchema,
  publishedSchema,
  scanCodesSchema,
} from '../response-schemas.ts';

/** Publishing hunts, and what everybody may know of them. */
export function huntRoutes(parts: GatewayParts): ApiRoute[] {
  return [
    {
      method: 'POST',
      url: '/v1/hunts',
      operationId: 'publishHunt',
      summary: 'Publishes a hunt, or a later version of one; the same source again changes nothing',
      access: { scope: 'publish' },
      body: {
        type: ['object', 'string'],
        required: ['source'],
        additionalProperties: false,
        properties: { source: { type: 'string', description: 'The YAML of the hunt.' } },
      },
      bodyTexts: ['application/yaml', 'text/yaml', 'text/plain'],
      responses: { 201: { description: 'Every partition has it', schema: publishedSchema } },
      errors: ['engine-hunt-invalid', 'rules-hunt-version-outdated'],
      handler: (request, reply) => publish(parts, request, reply),
    },
    {
      method: 'GET',
      url: '/v1/hunts',
      operationId: 'listHunts',
      summary: 'The hunts of this deployment',
      responses: { 200: { description: 'In no order', schema: huntListSchema } },
      handler: (_request, reply) => {
        sendJson(reply, 200, JSON.stringify({ hunts: parts.directory.all().map(listing) }));
      },
    },
    {
      method: 'GET',
      url: '/v1/hunts/:hunt',
      operationId: 'readHunt',
      summary: 'A hunt as everybody may see it: no answers, no coordinates',
      responses: { 200: { description: 'Its latest version', schema: huntSchema } },
      handler: (request, reply) => readHunt(parts, request, reply),
    },
    {
      method: 'GET',
      url: '/v1/hunts/:hunt/scan-codes',
      operationId: 'readScanCodes',
      summary: 'What the posters of a hunt have as QR codes; each solves its step',
      access: { scope: 'publish' },
      responses: {
        200: { description: 'Of every scan step, in their order', schema: scanCodesSchema },
      },
      handler: (request, reply) => readScanCodes(parts, request, reply),
    },
  ];
}

function listing({ definition }: DirectoryHunt) {
  return {
    hunt: definition.id,
    title: definition.title,
    opensAt: instant(definition.opensAt),
    closesAt: instant(definition.closesAt),
  };
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

async function readHunt(
  parts: GatewayParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const hunt = parts.directory.hunt(pathParameters(request)['hunt']!);
  const stocks = await parts.port.treasures(hunt.huntId);
  const { teamSize, ties, steps, treasures } = hunt.definition;
  const shown = {
    ...listing(hunt),
    teamSize,
    ties,
    steps: steps.map(({ id, title, clue, kind, points, hints, place }) => ({
      id,
      title,
      clue,
      kind,
      points,
      hints: hints.map(({ cost }) => ({ cost })),
      ...(place === null ? {} : { radiusMeters: place.radiusMeters }),
    })),
    treasures: treasures.map(({ id, title, stock, perTeam }, number) => {
      const { granted, reserved } = stocks[number] ?? { granted: 0, reserved: 0 };
      return { id, title, stock, perTeam, remaining: Math.max(0, stock - granted - reserved) };
    }),
    now: instant(parts.clock.now()),
  };
  sendJson(reply, 200, JSON.stringify(shown));
}

async function readScanCodes(
  parts: GatewayParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  await parts.access.organiser(request, 'publish');
  const codes = parts.directory.hunt(pathParameters(request)['hunt']!).scanCodes();
  // Secret until somebody finds the poster: no cache on the way keeps them.
  sendJson(reply.header('cache-control', 'no-store'), 200, JSON.stringify({ codes }));
}

async function publish(
  parts: GatewayParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  parts.state.check();
  await parts.access.organiser(request, 'publish');
  const body = request.body as string | { readonly source: string };
  // Loaded with the first hunt that comes by HTTP: players need no compiler.
  const { compileHunt } = await import('@hunt/rules/definition');
  const { hunt, problems } = compileHunt(
    typeof body === 'string' ? body : body.source,
    'hunt.yaml',
  );
  if (hunt === undefined) {
    sendProblem(reply, invalidHunt(problems));
    return;
  }
  await parts.publisher.publish(hunt);
  const { id, version, contentHash, steps, treasures } = hunt;
  const published = {
    hunt: id,
    version,
    contentHash,
    steps: steps.length,
    treasures: treasures.length,
  };
  sendJson(reply.header('location', `/v1/hunts/${id}`), 201, JSON.stringify(published));
}

function invalidHunt(problems: readonly Problem[]) {
  return {
    ...problemOf(engineErrors.create('engine-hunt-invalid', { count: problems.length })),
    problems: problems.map(({ line, column, id, message, hint }) => ({
      line,
      column,
      id,
      message,
      hint,
    })),
  };
}
