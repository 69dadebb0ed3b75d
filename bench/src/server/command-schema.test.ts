import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandSchema } from './command-schema.ts';
import { withEngine } from './servers.ts';

type Json = { readonly [key: string]: Json } | readonly Json[] | string | number | boolean | null;

/** Without what only explains. */
function checksOf(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(checksOf);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => key !== 'description' && key !== 'title')
      .map(([key, value]) => [key, checksOf(value)]),
  );
}

describe('schema of the reference', () => {
  it("checks what the engine's own checks", async () => {
    const api = await withEngine(0, async ({ port }) => {
      const response = await fetch(`http://127.0.0.1:${port}/openapi.json`);
      return (await response.json()) as { paths: Record<string, { post: { requestBody: Json } }> };
    });
    const body = api.paths['/v1/hunts/{hunt}/commands']!.post.requestBody;
    const { content } = body as { content: Record<string, { schema: Json }> };
    assert.deepEqual(checksOf(content['application/json']!.schema), commandSchema);
  });
});
