import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Example, shapeOf } from './documentation-examples.ts';
import { documentationRoot } from './documentation-pages.ts';
import { onPath } from './on-path.ts';

const separator = '=== end of example ===';
const missing = ['bash', 'curl', 'sed'].find((program) => !onPath(program));

/** Why no example can be run here; false when they can. */
export const whyNoExamples = missing === undefined ? false : `needs: ${missing}`;

/** Runs examples one after the other in one shell, and compares the answers that a page shows. */
export async function runExamples(
  examples: readonly Example[],
  { directory, url }: { readonly directory: string; readonly url: string },
): Promise<void> {
  const script = [
    'set -euo pipefail',
    // What npx finds in the project, without asking a registry in this directory.
    'npx() { "$@"; }',
    ...examples.map((example) => `${shellText(example)}\nprintf '\\n${separator}\\n'`),
  ];
  const text = script
    .join('\n')
    .replaceAll('http://127.0.0.1:8080', url)
    .replaceAll('--port 8080', `--port ${new URL(url).port}`);
  const { stdout } = await promisify(execFile)('bash', ['-c', text], {
    cwd: directory,
    env: {
      ...process.env,
      PATH: `${documentationRoot}node_modules/.bin${path.delimiter}${process.env['PATH']}`,
    },
  });
  const outputs = stdout.split(separator).slice(0, -1);
  for (const [index, { script, answer }] of examples.entries()) {
    if (answer === undefined) continue;
    const last = outputs[index]!.trim().split('\n').at(-1)!;
    assert.deepEqual(shapeOf(JSON.parse(last)), shapeOf(answer), `${script}\n${last}`);
  }
}

/** A server takes the place of its shell, so that what is stopped is it; one that fails is killed. */
function shellText({ runner, script }: Example): string {
  if (runner === 'sh serve') {
    return [
      `(npx() { exec "$@"; }\n${script}) > server.out 2>&1 &`,
      'SERVER=$!',
      "trap 'kill -KILL $SERVER 2> /dev/null || cat server.out >&2' EXIT",
    ].join('\n');
  }
  return runner === 'sh stopped' ? `kill -TERM $SERVER\nwait $SERVER\n${script}` : script;
}
