#!/usr/bin/env node
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `hunt needs Node 24 or newer, but ${process.execPath} is ${process.version}. Run it as "npx hunt" inside the project, which brings its own Node.\n`,
  );
  process.exit(70);
}
const { main } = await import('../src/main.ts');
await main(process.argv.slice(2));
