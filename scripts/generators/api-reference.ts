import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEngine } from '@hunt/engine';
import type { Generator } from './generator.ts';
import { type Schema, schemaText } from './schema-text.ts';

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Answer extends Content {
  readonly description: string;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Answer>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const introduction = `# Reference: the HTTP API

Every operation of a gateway, as its own \`/openapi.json\` says it. A tour with \`curl\`, in the order in which somebody would try it, is [api.md](api.md).

A shape is written like an object of TypeScript: a name with \`?\` may be missing. Errors are problem documents (RFC 9457); each operation names those that it is known for, and any may answer others of [errors/](errors/README.md).`;

/** The page of all operations. */
export const apiReference: Generator = {
  name: 'API reference',
  generate: async () => new Map([['docs/api-reference.md', apiText(await readOpenApi())]]),
};

function apiText({ paths }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([url, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationText(method, url, operation)),
  );
  const origin = 'Generated from `/openapi.json` by `npm run docs`.';
  return `${[introduction, ...operations, origin].join('\n\n')}\n`;
}

function operationText(method: string, url: string, operation: Operation): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const given = parameters.filter((one) => one.in !== 'path');
  const parts = [
    `## ${method.toUpperCase()} ${url}`,
    `${summary}. In the document it is \`${operationId}\`. ${whoMay(operation)}`,
  ];
  if (given.length > 0) {
    const places: Readonly<Record<string, string>> = { query: 'in the query', header: 'a header' };
    const entries = given.map(({ name, in: place, schema }) => {
      const text = schema.description === undefined ? '' : ` ${schema.description}`;
      return `- \`${name}\`, ${places[place]}: \`${schemaText(schema)}\`.${text}`;
    });
    parts.push(entries.join('\n'));
  }
  if (requestBody !== undefined) parts.push(...contentTexts('Body', requestBody));
  for (const [status, answer] of Object.entries(responses)) {
    if (answer.content?.['application/problem+json'] !== undefined) continue;
    parts.push(...contentTexts(`Answer ${status}: ${answer.description}`, answer));
  }
  const errors = errorTexts(responses);
  if (errors.length > 0) parts.push(errors.join('\n'));
  return parts.join('\n\n');
}

function whoMay({ security }: Operation): string {
  const names = security.map((entry) => {
    const [[name, scopes] = ['', []]] = Object.entries(entry);
    return name === 'player'
      ? 'with the token of a player of the hunt'
      : `with an organiser key of the scope ${scopes.join(', ')}`;
  });
  return names.length === 0 ? 'Open to everybody.' : `Asked ${names.join(', or ')}.`;
}

function contentTexts(title: string, { content = {} }: Content): string[] {
  const types = Object.entries(content);
  if (types.length === 0) return [`${title}.`];
  const shaped = types.filter(([type]) => type === 'application/json');
  const others = types.filter(([type]) => type !== 'application/json').map(([type]) => type);
  const also = others.length === 0 ? '' : ` (${others.map((type) => `\`${type}\``).join(', ')})`;
  const blocks = shaped.map(([, { schema }]) => `\`\`\`text\n${schemaText(schema, '')}\n\`\`\``);
  return [`${title}${also}${blocks.length > 0 ? ':' : '.'}`, ...blocks];
}

function errorTexts(responses: Operation['responses']): string[] {
  return Object.entries(responses)
    .filter(
      ([status, { content }]) => status !== 'default' && content?.['application/problem+json'],
    )
    .map(([status, { description }]) => {
      const links = description.split(', ').map((id) => `[${id}](errors/${id}.md)`);
      return `- ${status}: ${links.join(', ')}`;
    });
}

/** What an engine of our own, on a directory that is removed again, says of itself. */
async function readOpenApi(): Promise<OpenApi> {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-api-reference-'));
  try {
    const engine = await startEngine({
      directory,
      ...{ host: '127.0.0.1', port: 0, hunts: [], logLevel: 'silent' },
    });
    try {
      const answer = await fetch(`${engine.url}/openapi.json`);
      return (await answer.json()) as OpenApi;
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}
