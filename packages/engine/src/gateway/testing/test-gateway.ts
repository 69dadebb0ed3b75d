import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { systemClock } from 'veltrix';
import { fixedConfig } from 'veltrix/config';
import type { ArchivedDecision } from '../../archive/archive.ts';
import type { Identity } from '../../identity/identity.ts';
import { PlayerTokens } from '../../identity/player-token.ts';
import { SqliteIdentity } from '../../identity/sqlite/sqlite-identity.ts';
import type { RequestTracer } from '../../tracing/request-tracer.ts';
import { MemoryViews } from '../../views/memory/memory-views.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import type { GatewayConfig } from '../gateway-settings.ts';
import type { WebFiles } from '../routes/page-routes.ts';
import { documentedAnswers } from './documented-answers.ts';
import { FoldingPort } from './folding-port.ts';
import { gatewayConfig } from './gateway-config.ts';
import { compiled, testHuntSource, testSecret, testSoloSource } from './test-hunt.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the API says
  readonly body: any;
}

export interface TestGateway {
  readonly gateway: Gateway;
  readonly port: FoldingPort;
  readonly url: string;
  readonly organiserKey: string;
  readonly identity: SqliteIdentity;
  readonly tokens: PlayerTokens;
  /** What the archive knows, by command id. */
  readonly archived: Map<string, ArchivedDecision>;
  /** Throws when a JSON answer is not as the OpenAPI document says. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Joins the test hunt with a new team; returns the answer's body. */
  join(name?: string): Promise<{ token: string; team: string; player: string; joinCode: string }>;
}

interface CallOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON unless a text. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** A gateway on a free port, with real processors, views and identity, and the two test hunts. */
export async function startTestGateway(
  t: TestContext | { after: (task: () => Promise<void>) => void },
  config: Partial<GatewayConfig> = {},
  partitionCount = 1,
  web?: WebFiles,
  {
    host = '127.0.0.1',
    holdHunts = false,
    views = new MemoryViews(),
    clock = systemClock,
    settings = fixedConfig(gatewayConfig(config)),
    settingsByHunt = fixedConfig({ byHunt: new Map<string, GatewayConfig>() }),
    /** What the gateway asks who people are, in place of the store itself. */
    identityOf = (kept: SqliteIdentity): Identity => kept,
    tracer = undefined as RequestTracer | undefined,
    /** `processor.tableMaxRows`; as good as none where not given. */
    tableMaxRows = undefined as number | undefined,
  } = {},
): Promise<TestGateway> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-test-'));
  const port = new FoldingPort(clock, partitionCount, tableMaxRows);
  if (holdHunts) port.hunts = () => new Promise(() => {});
  for (let partition = 0; partition < partitionCount; partition++) views.seed(partition, 1, []);
  port.onDecided((partition, offset, bytes) => views.apply(partition, offset, bytes));
  const identity = new SqliteIdentity({ path: join(directory, 'identity.db') });
  const tokens = new PlayerTokens({ key: testSecret, clock });
  const archived = new Map<string, ArchivedDecision>();
  const gateway = createGateway({
    port,
    bus: port,
    views,
    archive: {
      decision: async (commandId) => archived.get(commandId),
      events: async () => [],
    },
    identity: identityOf(identity),
    tokens,
    clock,
    config: settings,
    configByHunt: settingsByHunt,
    huntSecret: testSecret,
    tracer,
    logger: pino({ level: 'silent' }),
    ...(web === undefined ? {} : { web }),
  });
  t.after(async () => {
    await gateway.close();
    port.close();
    await identity.close();
    rmSync(directory, { recursive: true });
  });
  await gateway.publish(compiled(testHuntSource));
  await gateway.publish(compiled(testSoloSource));
  const url = await gateway.listen(host, 0);
  while (!holdHunts && (await fetch(`${url}/readyz`)).status !== 200);
  const organiserKey = await identity.createOrganiserKey('test', ['publish', 'record', 'erase']);

  const documented = await documentedAnswers(url);

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body } = options;
    const isText = typeof body === 'string';
    const response = await fetch(url + path, {
      method,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      headers: {
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    const { status, headers } = response;
    if (!/json/.test(contentType)) return { status, headers, text, body: undefined };
    const answer = JSON.parse(text);
    documented.check(method, path, status, contentType, answer);
    return { status, headers, text, body: answer };
  }

  let joined = 0;
  return {
    gateway,
    port,
    url,
    organiserKey,
    identity,
    tokens,
    archived,
    call,
    async join(name = `Team ${++joined}`) {
      const path = '/v1/hunts/test-hunt/players';
      const { body } = await call('POST', path, { body: { name: 'Ann', team: { name } } });
      return body;
    },
  };
}
