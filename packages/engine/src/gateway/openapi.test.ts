import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorDefinition } from 'veltrix';
import { engineSchema } from '../engine-settings.ts';
import { engineErrors } from '../errors.ts';
import { engineStatus } from './status-table.ts';
import { startTestGateway } from './testing/test-gateway.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

test('the document has every route, and what it says of each is whole', async (t) => {
  const { call, gateway } = await startTestGateway(t);
  const { body } = await call('GET', '/openapi.json');
  const document = body as OpenApi;
  assert.equal(document.openapi, '3.1.0');
  const described = new Set<string>();
  const ids = new Set<string>();
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      described.add(`${method} ${path}`);
      ids.add(operation.operationId);
      assert.notEqual(operation.summary, '');
      assert.ok(Object.keys(operation.responses).length >= 2);
      const named = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      assert.deepEqual(
        named,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      );
    }
  }
  assert.equal(ids.size, described.size);
  const routes = gateway.app.printRoutes({ commonPrefix: false, includeHooks: false });
  const methods = [...routes.matchAll(/\(([A-Z, ]+)\)/g)].flatMap(([, list]) => list!.split(', '));
  assert.equal(described.size, methods.length);
});

test('references lead somewhere', async (t) => {
  const { call } = await startTestGateway(t);
  const { body, text } = await call('GET', '/openapi.json');
  const references = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/([^"]+)"/g)].map(([, path]) => path!),
  );
  for (const reference of references) {
    let value = body.components;
    for (const part of reference.split('/')) value = value?.[part];
    assert.equal(typeof value, 'object', reference);
  }
});

test('every error has a status and a page', async (t) => {
  const { call } = await startTestGateway(t);
  const definitions: Readonly<Record<string, ErrorDefinition>> = engineErrors.definitions;
  const raised = Object.keys(definitions).filter((id) => !definitions[id]!.retired);
  assert.deepEqual(Object.keys(engineStatus).sort(), raised.sort());
  for (const id of Object.keys(engineErrors.definitions)) {
    const page = await call('GET', `/errors/${id}`);
    assert.equal(page.status, 200);
    assert.ok(page.text.startsWith(`${id}\n`));
  }
});

test('settings that errors speak of exist', () => {
  const named = Object.values(engineErrors.definitions).flatMap((definition: ErrorDefinition) =>
    (definition.settings ?? []).filter((setting) => setting.startsWith('gateway.')),
  );
  assert.ok(named.length > 0);
  for (const setting of named) assert.ok(engineSchema.properties.has(setting), setting);
});

test('metrics are Prometheus text', async (t) => {
  const { call, join } = await startTestGateway(t);
  const { token } = await join();
  const body = { type: 'submit-answer', step: 'gate', answer: 'water' };
  await call('POST', '/v1/hunts/test-hunt/commands', { token, body });
  const { text, headers } = await call('GET', '/metrics');
  assert.match(headers.get('content-type')!, /^text\/plain; version=0.0.4/);
  for (const line of text.trimEnd().split('\n')) {
    assert.match(
      line,
      /^# (HELP|TYPE) \w+ .+$|^\w+(\{\w+="[^"]+"(,\w+="[^"]+")*\})? (\+Inf|[\d.e+-]+)$/,
    );
  }
  assert.match(text, /^hunt_gateway_decision_seconds_bucket\{le="\+Inf"\} (\d+)$/m);
});
