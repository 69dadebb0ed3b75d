import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../repository.ts';

const read = (file: string) => readFileSync(path.join(repositoryRoot, file), 'utf8');
const containerFile = read('deploy/container/Dockerfile');
const manifest = JSON.parse(read('package.json')) as {
  readonly version: string;
  readonly workspaces: readonly string[];
  readonly devDependencies: Readonly<Record<string, string>>;
};
const healthCheck = 'packages/cli/bin/health-check.js';

test('the container file has the versions and the workspaces of the repository', () => {
  const node = /^ARG NODE_IMAGE=.*\/node:([\d.]+)-/m.exec(containerFile)?.[1];
  assert.equal(node, manifest.devDependencies['node']);
  assert.equal(/^ARG VERSION=(.*)$/m.exec(containerFile)?.[1], manifest.version);
  for (const pattern of manifest.workspaces) {
    const [found, ...others] = globSync(`${pattern}/package.json`, { cwd: repositoryRoot });
    for (const file of [found!, ...others].map((name) => name.replaceAll(path.sep, '/'))) {
      // npm ci takes a lock only with all that it names.
      const line = `COPY ${file} ${path.posix.dirname(file)}/`;
      assert.ok(containerFile.includes(`\n${line}\n`), `deploy/container/Dockerfile: ${line}`);
    }
  }
});

test('the container is not root, says how it is, and has its own health check', () => {
  const users = [...containerFile.matchAll(/^USER (.*)$/gm)].map(([, user]) => user);
  assert.deepEqual(users, ['10001:10001']);
  assert.ok(containerFile.includes(`"/opt/hunt/${healthCheck}"`));
  assert.match(containerFile, /^STOPSIGNAL SIGTERM$/m);
});

test('the health check is 0 for 200, else 1 with what it met', async (t) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/well' ? 200 : 503).end();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const check = (address: string) =>
    new Promise<readonly [number, string]>((resolve) => {
      const file = path.join(repositoryRoot, healthCheck);
      const child = execFile(process.execPath, [file, address], (_error, _out, err) =>
        resolve([child.exitCode ?? -1, err]),
      );
    });
  assert.deepEqual(await check(`${url}/well`), [0, '']);
  assert.deepEqual(await check(`${url}/ill`), [1, `${url}/ill: it answers with 503\n`]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  const [code, text] = await check(url);
  assert.equal(code, 1);
  assert.match(text, /ECONNREFUSED/);
});
