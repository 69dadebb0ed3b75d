// A program named mvn that writes a jar stands in for Maven: what counts is who calls it, how
// often, and what is left when it fails or is killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { eventually } from '../testing/eventually.ts';
import { cacheDirectory, librariesDirectory, type MavenServer } from './maven-libraries.ts';

const server: MavenServer = { name: 'example', version: '1.2', artifacts: ['g:a:1.2', 'g:b:3'] };

/** A cache, and a mvn whose calls leave a line in `calls`; `before` runs between two of its jars. */
function setUp(t: TestContext, before = (_gate: string) => '') {
  const root = mkdtempSync(path.join(tmpdir(), 'hunt-maven-'));
  t.after(() => rmSync(root, { recursive: true }));
  const [cache, bin] = [path.join(root, 'cache'), path.join(root, 'bin')];
  const [calls, gate] = [path.join(root, 'calls'), path.join(root, 'gate')];
  mkdirSync(bin);
  const setMaven = (middle: string) =>
    writeFileSync(
      path.join(bin, 'mvn'),
      `#!/bin/sh
for word; do case $word in -DoutputDirectory=*) out=\${word#*=} ;; *pom.xml) pom=$word ;; esac; done
echo called >> ${calls}
cp "$pom" "$out/a.jar"
${middle}
echo b > "$out/b.jar"
`,
      { mode: 0o755 },
    );
  setMaven(before(gate));
  const run = (wanted = server) => fetchInChild(wanted, cache, bin);
  const count = () => (existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').length - 1 : 0);
  return { cache, gate, setMaven, run, count };
}

/** `mavenLibraries` in a process of its own: what it prints, and how to kill it. */
function fetchInChild(wanted: MavenServer, cache: string, bin: string) {
  const module = pathToFileURL(path.join(import.meta.dirname, 'maven-libraries.ts')).href;
  const code = `const { mavenLibraries } = await import(${JSON.stringify(module)});
    console.log(await mavenLibraries(${JSON.stringify(wanted)}, ${JSON.stringify(cache)}).catch(
      (error) => error.message));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 2],
  });
  let output = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return { child, output: once(child, 'close').then(() => output.trim()) };
}

test('two processes that want the same jars download them once', async (t) => {
  const { cache, gate, run, count } = setUp(
    t,
    (file) => `while [ ! -e ${file} ]; do sleep 0.02; done`,
  );
  const both = [run(), run()];
  await eventually('one has begun', () => count() > 0);
  writeFileSync(gate, '');
  const directory = librariesDirectory(server, cache);
  for (const { output } of both) assert.equal(await output, directory);
  assert.equal(count(), 1);
  assert.deepEqual(readdirSync(directory).sort(), ['a.jar', 'b.jar']);
  assert.match(readFileSync(path.join(directory, 'a.jar'), 'utf8'), /<artifactId>b<.*<version>3</);
  assert.equal(await run().output, directory);
  assert.equal(count(), 1);
  assert.deepEqual(readdirSync(cache), [path.basename(directory)]);
});

test('a download that fails is told with the words of mvn, and tried again', async (t) => {
  const { cache, setMaven, run, count } = setUp(t, () => 'echo "no route to host"; exit 7');
  const message = await run().output;
  assert.match(message, /example 1\.2 could not be downloaded: mvn ended with exit code 7/);
  assert.match(message, /Maven Central, or the mirror in its settings\.xml\. no route to host/);
  assert.deepEqual(readdirSync(cache), []);
  setMaven('');
  assert.equal(await run().output, librariesDirectory(server, cache));
  assert.equal(count(), 2);
});

test('a download that was killed in the middle is started again', async (t) => {
  const { cache, gate, setMaven, run, count } = setUp(
    t,
    // Its mvn outlives it, and goes on writing when the second download has long begun.
    (file) => `while [ ! -e ${file} ]; do sleep 0.02; done`,
  );
  const { child, output } = run();
  await eventually('it has begun', () => count() > 0);
  child.kill('SIGKILL');
  await output;
  const directory = librariesDirectory(server, cache);
  assert.equal(existsSync(directory), false);
  setMaven('');
  assert.equal(await run().output, directory);
  writeFileSync(gate, '');
  assert.deepEqual(readdirSync(directory).sort(), ['a.jar', 'b.jar']);
  assert.deepEqual(readdirSync(cache), [path.basename(directory)]);
});

test('files of a jar lie beside the jars, and nothing else of how they got there', async (t) => {
  const { cache, setMaven, run, count } = setUp(t);
  setMaven(`for word; do case $word in
  -DmarkersDirectory=*) mkdir "\${word#*=}" ;;
  -DincludeArtifactIds=b) mkdir "$out/bin" ;;
  -Dmdep.unpack.includes=*) echo "\${word#*=}" > "$out/bin/files" ;;
esac; done`);
  const unpacking = { ...server, unpacked: { artifact: 'b', files: ['bin/x', 'bin/*.y'] } };
  const directory = librariesDirectory(unpacking, cache);
  assert.equal(await run(unpacking).output, directory);
  assert.equal(count(), 2);
  assert.deepEqual(readdirSync(directory).sort(), ['a.jar', 'b.jar', 'bin']);
  assert.equal(readFileSync(path.join(directory, 'bin/files'), 'utf8'), 'bin/x,bin/*.y\n');
});

test('another list of artifacts or of files lies elsewhere', () => {
  const changed = { ...server, artifacts: ['g:a:1.2', 'g:b:4'] };
  const unpacking = { ...server, unpacked: { artifact: 'b', files: ['x'] } };
  const directories = [server, changed, unpacking].map((one) => librariesDirectory(one, '/c'));
  assert.equal(new Set(directories).size, 3);
});

test('the cache is where HUNT_SERVICES_CACHE says, else in the cache of the user', () => {
  assert.equal(cacheDirectory({ HUNT_SERVICES_CACHE: '/c', XDG_CACHE_HOME: '/x' }), '/c');
  assert.equal(
    cacheDirectory({ HUNT_SERVICES_CACHE: '', XDG_CACHE_HOME: '/x' }),
    '/x/hunt-services',
  );
  assert.match(cacheDirectory({}), /\/\.cache\/hunt-services$/);
});
