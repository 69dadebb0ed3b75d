import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

/*
 * What a start loads decides how long it takes and how much memory it needs. Each module here costs
 * megabytes in every thread that loads it, and one import is enough to bring it back.
 */

/** Loads the modules in a new process and tells what came with them. */
function loaded(modules: readonly string[]): { readonly files: string[]; readonly node: string[] } {
  const script = `
    import { registerHooks } from 'node:module';
    const files = [];
    registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) });
    for (const module of ${JSON.stringify(modules)}) await import(module);
    console.log(JSON.stringify({ files, node: process.moduleLoadList }));`;
  const args = ['--input-type=module', '--eval', script];
  const options = { encoding: 'utf8', cwd: import.meta.dirname, maxBuffer: 1 << 24 } as const;
  return JSON.parse(execFileSync(process.execPath, args, options));
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
