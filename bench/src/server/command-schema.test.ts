import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandSchema } from './command-schema.ts';
import { withEngine, withReference } from './servers.ts';

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

  it('is what the reference holds requests against', async () => {
    const good = { type: 'submit-answer', step: 's0', answer: 'a' };
    const bad = { ...good, answer: 7 };
    await withReference(1, async ({ port }) => {
      const post = async (path: string, body: object) => {
        const response = await fetch(`http://127.0.0.1:${port}/v1/hunts/bench/commands${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        await response.arrayBuffer();
        return response.status;
      };
      assert.deepEqual([await post('', good), await post('', bad)], [200, 400]);
      assert.equal(await post('/batch', { commands: [good, good] }), 200);
      assert.equal(await post('/batch', { commands: [good, bad] }), 400);
    });
  });
});
