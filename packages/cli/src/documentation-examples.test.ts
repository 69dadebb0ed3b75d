// Every block of the pages marked `sh run` runs against a real server, in the order of the page, as
// somebody would type it; a JSON block behind it is what its last line looks like.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ServerProcess } from './server-process/server-process.ts';
import { examplesIn, shapeOf } from './testing/documentation-examples.ts';
import { documentationPages, documentationRoot } from './testing/documentation-pages.ts';
import { runExamples, whyNoExamples } from './testing/run-examples.ts';

let directory: string;
let server: ServerProcess;

before(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-examples-'));
  symlinkSync(path.join(documentationRoot, 'hunts'), path.join(directory, 'hunts'));
  mkdirSync(path.join(directory, 'data'));
  server = await ServerProcess.start({ data: path.join(directory, 'data') });
});

after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Pages whose commands are not for a server that runs already: they have tests of their own. */
const apart = new Set(['docs/tutorial.md', 'docs/services.md']);

for (const [page, text] of documentationPages()) {
  const examples = examplesIn(text, 'sh run');
  if (examples.length === 0 || apart.has(page)) continue;
  test(`the examples of ${page} run`, { skip: whyNoExamples }, async () => {
    const { url } = server.announcement;
    await runExamples(examples, { directory, url });
  });
}

test('the example of packages/sdk/README.md runs', async () => {
  const text = documentationPages().get('packages/sdk/README.md')!;
  const [, block] = /^```ts\n([\s\S]*?)^```$/m.exec(text)!;
  const code = block!.replaceAll('http://127.0.0.1:8080', server.announcement.url);
  const flags = ['--input-type=module-typescript', '--eval', code];
  const options = { cwd: documentationRoot };
  const { stdout } = await promisify(execFile)(process.execPath, flags, options);
  assert.equal(stdout, 'solved\n');
});

test('an example has the answer that follows it', () => {
  const page = '```sh run\na\n```\n\n```json\n{"b":[1]}\n```\n```sh\nno\n```\n```sh run\nc\n```\n';
  assert.deepEqual(examplesIn(page, 'sh run'), [
    { runner: 'sh run', script: 'a\n', answer: { b: [1] } },
    { runner: 'sh run', script: 'c\n', answer: undefined },
  ]);
  assert.deepEqual(shapeOf({ code: 'x', total: 3, list: [{ name: 'n' }] }), {
    code: 'x',
    total: 'number',
    list: [{ name: 'string' }],
  });
});
