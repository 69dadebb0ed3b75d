import { rulesErrors } from '@hunt/rules';
import { type ErrorDefinition, veltrixErrors } from 'veltrix';
import { expositionType } from 'veltrix/telemetry';
import { engineErrors } from '../../errors.ts';
import { type ApiRoute, pathParameters } from '../api-route.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { sendJson } from '../reply-json.ts';

const definitions: Readonly<Record<string, ErrorDefinition>> = {
  ...veltrixErrors.definitions,
  ...rulesErrors.definitions,
  ...engineErrors.definitions,
};

const statusOnly = { type: 'object', properties: { status: { type: 'string' } } };
const healthSchema = {
  type: 'object',
  properties: {
    status: { enum: ['alive', 'impaired'] },
    impairments: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string', description: 'Error id of what stopped it.' },
          partition: { type: 'integer', description: 'It takes no commands any more.' },
        },
        required: ['id'],
        additionalProperties: false,
      },
    },
  },
  required: ['status'],
  additionalProperties: false,
};
const plainText = { type: 'string' };

/** For operators, and for who reads the documentation. `document` gives the OpenAPI document as JSON. */
export function serviceRoutes(parts: GatewayParts, document: () => Promise<string>): ApiRoute[] {
  return [
    {
      method: 'GET',
      url: '/healthz',
      operationId: 'health',
      summary: 'Whether the process is alive',
      responses: {
        200: { description: 'It is; what has stopped for good is named', schema: healthSchema },
      },
      handler: (_request, reply) => {
        const { impairments } = parts.state;
        const health =
          impairments.length === 0 ? { status: 'alive' } : { status: 'impaired', impairments };
        sendJson(reply, 200, JSON.stringify(health));
      },
    },
    {
      method: 'GET',
      url: '/readyz',
      operationId: 'readiness',
      summary:
        'Whether requests are taken: not before recovery, not with a stopped partition, not while stopping',
      responses: { 200: { description: 'They are', schema: statusOnly } },
      errors: ['engine-not-ready', 'engine-draining', 'veltrix-partition-stopped'],
      handler: (_request, reply) => {
        parts.state.checkWhole();
        sendJson(reply, 200, '{"status":"ready"}');
      },
    },
    {
      method: 'GET',
      url: '/metrics',
      operationId: 'metrics',
      summary: 'Metrics in the Prometheus text format',
      responses: {
        200: { description: 'Version 0.0.4', mediaType: 'text/plain', schema: plainText },
      },
      handler: (_request, reply) => {
        reply.header('content-type', expositionType);
        reply.send(parts.metrics.text());
      },
    },
    {
      method: 'GET',
      url: '/openapi.json',
      operationId: 'openApi',
      summary: 'This document',
      responses: { 200: { description: 'OpenAPI 3.1', schema: { type: 'object' } } },
      handler: async (_request, reply) => sendJson(reply, 200, await document()),
    },
    {
      method: 'GET',
      url: '/errors/:id',
      operationId: 'explainError',
      summary: 'What an error means and what helps',
      responses: { 200: { description: 'Words', mediaType: 'text/plain', schema: plainText } },
      errors: ['engine-path-unknown'],
      handler: (request, reply) => {
        const id = pathParameters(request)['id']!;
        const definition = Object.hasOwn(definitions, id) ? definitions[id] : undefined;
        if (definition === undefined) throw engineErrors.create('engine-path-unknown');
        reply.header('content-type', 'text/plain; charset=utf-8').send(errorPage(id, definition));
      },
    },
  ];
}

function errorPage(id: string, { message, cause, remedy, retry }: ErrorDefinition): string {
  const again = {
    'same-id': 'at once, with the same idempotency key',
    later: 'after a while; a command that was decided needs a new idempotency key',
    never: 'not worth it',
  }[retry];
  return `${id}\n\n${message}\n\nCause: ${cause}\nWhat helps: ${remedy}\nTrying again: ${again}\n`;
}
