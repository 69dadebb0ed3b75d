import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../commands.ts';
import { overview } from '../overview.ts';
import { commandHelp } from './help.ts';

for (const columns of [80, 40]) {
  test(`every help fits ${columns} columns`, async () => {
    const texts = [overview(columns)];
    for (const { load } of Object.values(commands)) texts.push(commandHelp(await load(), columns));
    for (const line of texts.join('').split('\n')) {
      assert.ok(line.length <= columns, `${line.length} columns: ${line}`);
    }
  });
}

test('every command has its own name, and help names every flag', async () => {
  for (const [name, { load }] of Object.entries(commands)) {
    const command = await load();
    assert.equal(command.name, name);
    const help = commandHelp(command, 80);
    assert.match(help, new RegExp(`Usage: hunt ${name} `));
    assert.match(help, /--help/);
  }
});
