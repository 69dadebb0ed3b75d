// Every block of the pages marked `sh run` runs against a real server, in the order of the page, as
// somebody would type it; a JSON block behind it is what its last line looks like.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ServerProcess } from './server-process/server-process.ts';
import { type Example, examplesIn, shapeOf } from './testing/documentation-examples.ts';
import { onPath } from './testing/on-path.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const missing = ['bash', 'curl', 'sed'].find((program) => !onPath(program));
const skip = missing === undefined ? false : `needs: ${missing}`;
const separator = '=== end of example ===';

let directory: string;
let server: ServerProcess;

before(async () => {
  if (skip) return;
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-examples-'));
  symlinkSync(path.join(root, 'hunts'), path.join(directory, 'hunts'));
  mkdirSync(path.join(directory, 'data'));
  server = await ServerProcess.start({ data: path.join(directory, 'data') });
});

after(async () => {
  if (skip) return;
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** What each example of a page printed; fails when a command of them does. */
async function outputsOf(examples: readonly Example[]): Promise<string[]> {
  const script = [
    'set -euo pipefail',
    // What npx finds in the project, without asking a registry in this directory.
    'npx() { "$@"; }',
    ...examples.map(({ script }) => `${script}\nprintf '\\n${separator}\\n'`),
  ];
  const text = script.join('\n').replaceAll('http://127.0.0.1:8080', server.announcement.url);
  const { stdout } = await promisify(execFile)('bash', ['-c', text], {
    cwd: directory,
    env: {
      ...process.env,
      PATH: `${root}node_modules/.bin${path.delimiter}${process.env['PATH']}`,
    },
  });
  return stdout.split(separator).slice(0, -1);
}

const runbooks = readdirSync(path.join(root, 'docs/runbooks'))
  .filter((name) => name !== 'README.md')
  .map((name) => `docs/runbooks/${name}`);

for (const page of [
  'README.md',
  ...['api', 'backup', 'cli', 'doctor', 'load'].map((name) => `docs/${name}.md`),
  ...runbooks,
]) {
  test(`the examples of ${page} run`, { skip }, async () => {
    const examples = examplesIn(readFileSync(path.join(root, page), 'utf8'));
    const ofCluster = examplesIn(readFileSync(path.join(root, page), 'utf8'), 'sh cluster');
    assert.ok(examples.length + ofCluster.length > 0, 'there are some');
    const outputs = await outputsOf(examples);
    for (const [index, { script, answer }] of examples.entries()) {
      if (answer === undefined) continue;
      const last = outputs[index]!.trim().split('\n').at(-1)!;
      assert.deepEqual(shapeOf(JSON.parse(last)), shapeOf(answer), `${script}\n${last}`);
    }
  });
}

test('an example has the answer that follows it', () => {
  const page = '```sh run\na\n```\n\n```json\n{"b":[1]}\n```\n```sh\nno\n```\n```sh run\nc\n```\n';
  assert.deepEqual(examplesIn(page), [
    { script: 'a\n', answer: { b: [1] } },
    { script: 'c\n', answer: undefined },
  ]);
  assert.deepEqual(shapeOf({ code: 'x', total: 3, list: [{ name: 'n' }] }), {
    code: 'x',
    total: 'number',
    list: [{ name: 'string' }],
  });
});
