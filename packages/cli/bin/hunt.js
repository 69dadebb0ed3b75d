#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=16 --initial-old-space-size=48 --heap-growing-percent=50
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `hunt needs Node 24 or newer, but ${process.execPath} is ${process.version}. Run it as "npx hunt" inside the project, which brings its own Node.\n`,
  );
  process.exit(70);
}
// See `node-start.ts`; the first line has no room for it. Worker threads have it, too.
v8.setFlagsFromString('--no-allocation-site-pretenuring');
// The native module of the checksums brings an allocator of its own (mimalloc) that asks for huge pages, of which
// the first makes 2 MB resident for some kB. It reads the variable when a thread loads the module.
process.env.MIMALLOC_EAGER_COMMIT ??= '0';
// Stripping the types of every source takes half of a start; the next start finds it done. Worker
// threads read the variable. Where it cannot be written, every start is a first one.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../../../node_modules/.cache/hunt', import.meta.url),
);
// Not a static import: older versions do not have it, and would fail before the message above.
const { enableCompileCache } = await import('node:module');
enableCompileCache(process.env.NODE_COMPILE_CACHE);
const { main } = await import('../src/main.ts');
await main(process.argv.slice(2));
