import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

/*
 * What a start loads decides how long it takes and how much memory it needs. Each module here costs
 * megabytes in every thread that loads it, and one import is enough to bring it back.
 */

/** Runs a script in a new process; returns what it printed, as JSON. */
function ran<Printed>(script: string, ...flags: readonly string[]): Printed {
  const options = { encoding: 'utf8', cwd: import.meta.dirname, maxBuffer: 1 << 24 } as const;
  return JSON.parse(execFileSync(process.execPath, [...flags, '--eval', script], options));
}

function newDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-lean-start-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Loads the modules in a new process and tells what came with them. */
function loaded(modules: readonly string[]): { readonly files: string[]; readonly node: string[] } {
  return ran(`
    import { registerHooks } from 'node:module';
    const files = [];
    registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) });
    for (const module of ${JSON.stringify(modules)}) await import(module);
    console.log(JSON.stringify({ files, node: process.moduleLoadList }));`);
}

const gateway = new URL('./gateway/gateway.ts', import.meta.url).href;

test('the engine starts without the compiler of hunts, the one of schemas, WebSockets, what is only for clusters, traces or encryption, and fetch; and its gateway without what folds', () => {
  const { files, node } = loaded(['@hunt/engine', gateway]);
  assert.ok(files.includes(gateway));
  assert.deepEqual(
    files.filter((file) =>
      /\/node_modules\/(yaml|ajv|ws|cassandra-driver|ioredis)\/|\/(redis|cassandra|cluster|migrate|archive\/sqlite)\/|\/tracing\/(?!trace-)|\/tls\//.test(
        file,
      ),
    ),
    [],
  );
  assert.deepEqual(
    files.filter((file) =>
      /\/(hunt-application|partition-fold|processor|embedded-log|embedded-state-store|crc32c)\.ts$/.test(
        file,
      ),
    ),
    [],
  );
  assert.deepEqual(
    node.filter((name) => name.includes('undici')),
    [],
  );
});

test('the rules bring no compiler to the threads that only fold', () => {
  const { files } = loaded(['@hunt/rules']);
  assert.deepEqual(
    files.filter((file) => file.includes('/node_modules/yaml/')),
    [],
  );
});

test("the processors' thread brings of Node's files no promises, and so neither streams of files nor lines of a terminal", (t) => {
  // In the thread itself, which says it when it ends. An import of files would bring what must not be there.
  const watching = `
    const { threadName } = process.getBuiltinModule('node:worker_threads');
    const { writeSync } = process.getBuiltinModule('node:fs');
    const tell = () => writeSync(1, JSON.stringify(process.moduleLoadList));
    if (threadName === 'processors') process.on('exit', tell);`;
  const node = ran<string[]>(
    `
    const { startProcessors } = await import('./processor/processor-client.ts');
    const { processorSettings } = await import('./engine-settings.ts');
    const settings = { ...processorSettings({}), threads: 1 };
    const processors = await startProcessors(${JSON.stringify(newDirectory(t))}, settings);
    await processors.close();`,
    '--import',
    `data:text/javascript,${encodeURIComponent(watching)}`,
  );
  assert.ok(node.length > 100);
  assert.deepEqual(
    node.filter((name) => name.endsWith(' internal/fs/promises')),
    [],
  );
});

test('what a start has read of the compile cache is given back before it loads the gateway, and once it has', (t) => {
  const steps = ran<string[]>(`
    import module, { registerHooks, syncBuiltinESMExports } from 'node:module';
    const steps = [];
    const { flushCompileCache } = module;
    module.flushCompileCache = () => (steps.push('flush'), flushCompileCache());
    syncBuiltinESMExports();
    registerHooks({ load: (url, context, next) => (steps.push(url), next(url, context)) });
    const { startEngine } = await import('@hunt/engine');
    const place = { directory: ${JSON.stringify(newDirectory(t))}, host: '127.0.0.1', port: 0 };
    const engine = await startEngine({ ...place, hunts: [], logLevel: 'silent' });
    await engine.close();
    console.log(JSON.stringify(steps));`);
  const flushed = steps.flatMap((step, at) => (step === 'flush' ? [at] : []));
  const begun = steps.indexOf(gateway);
  assert.deepEqual(flushed.slice(0, 1), [begun - 1]);
  assert.equal(flushed.length, 2);
  const filesOf = (from: number, to?: number) =>
    steps.slice(from, to).filter((step) => step.startsWith('file:')).length;
  assert.ok(filesOf(begun, flushed[1]) > 100);
  assert.ok(filesOf(flushed[1]!) < 10, 'what is loaded later is little');
});
