import { huntJsonSchema } from '@hunt/rules/definition';
import type { ApiRoute, JsonSchema } from './api-route.ts';
import { problemMediaType } from './problem.ts';
import { problemSchema } from './response-schemas.ts';
import { statusOf } from './status-table.ts';

const jsonType = 'application/json';
const problemType = problemMediaType.split(';')[0]!;
const problemReference = { $ref: '#/components/schemas/Problem' };

/** The OpenAPI 3.1 document of these routes: what the server checks is what it says. */
export function openApiDocument(routes: readonly ApiRoute[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Treasure Hunt Engine',
      version: '1',
      description:
        'Every command is decided once. Errors are RFC 9457 problems with a stable code.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: problemSchema, HuntFile: huntJsonSchema() },
      securitySchemes: {
        player: { type: 'http', scheme: 'bearer', description: 'Player token of a join.' },
        organiser: { type: 'http', scheme: 'bearer', description: 'Organiser key, hok_….' },
      },
    },
  };
}

function operation(route: ApiRoute): object {
  const { operationId, summary, access, body } = route;
  const security = [
    ...(access?.player ? [{ player: [] }] : []),
    ...(access?.scope ? [{ organiser: [access.scope] }] : []),
  ];
  return {
    operationId,
    summary,
    security,
    parameters: parameters(route),
    ...(body === undefined ? {} : { requestBody: requestBody(route, body) }),
    responses: responses(route),
  };
}

function parameters({ url, query = {}, headers = {} }: ApiRoute): object[] {
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema }));
  const inHeaders = Object.entries(headers).map(([name, schema]) => ({
    name,
    in: 'header',
    schema,
  }));
  return [...inPath, ...inQuery, ...inHeaders];
}

function requestBody({ bodyTexts = [] }: ApiRoute, schema: JsonSchema): object {
  const texts = bodyTexts.map((type) => [type, { schema: { type: 'string' } }]);
  return {
    required: true,
    content: { [jsonType]: { schema }, ...Object.fromEntries(texts) },
  };
}

function responses(route: ApiRoute): object {
  const known = Object.entries(route.responses).map(([status, response]) => {
    const { description, schema, mediaType = jsonType } = response;
    return [
      status,
      schema ? { description, content: { [mediaType]: { schema } } } : { description },
    ];
  });
  return {
    ...Object.fromEntries(known),
    ...problemResponses(route),
    default: problem('Any other'),
  };
}

function problemResponses({ errors = [] }: ApiRoute): object {
  const idsByStatus = new Map<number, string[]>();
  for (const id of errors) {
    const status = statusOf(id) ?? 500;
    idsByStatus.set(status, [...(idsByStatus.get(status) ?? []), id]);
  }
  const entries = [...idsByStatus].map(([status, ids]) => [status, problem(ids.join(', '))]);
  return Object.fromEntries(entries);
}

function problem(description: string): object {
  return { description, content: { [problemType]: { schema: problemReference } } };
}
