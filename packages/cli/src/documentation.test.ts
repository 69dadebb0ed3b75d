import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { flagName } from './arguments/command.ts';
import { commands } from './commands.ts';
import { exitCode } from './exit-code.ts';
import { overview } from './overview.ts';

const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

test('docs/cli.md names every command and flag', async () => {
  for (const [name, { load }] of Object.entries(commands)) {
    assert.ok(page.includes(`**\`hunt ${name}`), `docs/cli.md: hunt ${name}`);
    for (const flag of Object.keys((await load()).flags)) {
      assert.match(page, new RegExp(`${flagName(flag)}\\b`), `docs/cli.md: ${name} ${flag}`);
    }
  }
});

test('docs/cli.md and the help name every exit code', () => {
  const help = overview(80);
  for (const code of Object.values(exitCode)) {
    assert.match(page, new RegExp(`^\\| ${code} \\|`, 'm'));
    assert.match(help, new RegExp(`^  ${code}  `, 'm'));
  }
});
