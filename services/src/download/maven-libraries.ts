import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { withFileLock } from '../run/file-lock.ts';

/** A server, or another program, written in Java: what Maven Central has of it. */
export interface MavenServer {
  readonly name: string;
  readonly version: string;
  /** `group:artifact:version`, the server first. */
  readonly artifacts: readonly string[];
  /** Files that it wants beside its jars: what to take out of one of them, by patterns of Ant. */
  readonly unpacked?: { readonly artifact: string; readonly files: readonly string[] };
}

const downloadTimeoutMs = 8 * 60_000;
const shownOutputLength = 2_000;

/** Where downloads are kept: HUNT_SERVICES_CACHE, else `hunt-services` in the user's cache. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const set = environment['HUNT_SERVICES_CACHE'];
  if (set !== undefined && set !== '') return path.resolve(set);
  const user = environment['XDG_CACHE_HOME'];
  return path.join(
    user === undefined || user === '' ? path.join(homedir(), '.cache') : user,
    'hunt-services',
  );
}

/** Where the jars of a server lie once they are there; another list of artifacts lies elsewhere. */
export function librariesDirectory(server: MavenServer, cache = cacheDirectory()): string {
  const digest = createHash('sha256').update(pom(server));
  if (server.unpacked !== undefined) digest.update(JSON.stringify(server.unpacked));
  const kind = digest.digest('hex').slice(0, 8);
  return path.join(cache, `${server.name}-${server.version}-${kind}`);
}

/**
 * The directory with the server's jars and all that they need, downloaded by `mvn` at the first
 * call on this machine. What lies there is whole: it gets its name after the last byte.
 */
export async function mavenLibraries(
  server: MavenServer,
  cache = cacheDirectory(),
): Promise<string> {
  const directory = librariesDirectory(server, cache);
  if (existsSync(directory)) return directory;
  mkdirSync(cache, { recursive: true });
  await withFileLock(`${directory}.lock`, downloadTimeoutMs, async () => {
    if (!existsSync(directory)) await download(server, directory);
  });
  return directory;
}

async function download(server: MavenServer, directory: string): Promise<void> {
  const folder = path.dirname(directory);
  const prefix = `${path.basename(directory)}.part-`;
  for (const entry of readdirSync(folder)) {
    if (entry.startsWith(prefix)) rmSync(path.join(folder, entry), { recursive: true });
  }
  // A name of its own: the mvn of a killed download may still write into the old one.
  const torn = mkdtempSync(path.join(folder, prefix));
  try {
    const pomFile = path.join(torn, 'pom.xml');
    writeFileSync(pomFile, pom(server));
    const to = `-DoutputDirectory=${torn}`;
    await runMaven(server, pomFile, 'copy-dependencies', '-DincludeScope=runtime', to);
    if (server.unpacked !== undefined) {
      const { artifact, files } = server.unpacked;
      const markers = path.join(torn, 'markers');
      const what = [`-DincludeArtifactIds=${artifact}`, `-Dmdep.unpack.includes=${files.join()}`];
      what.push(`-DmarkersDirectory=${markers}`, to);
      await runMaven(server, pomFile, 'unpack-dependencies', ...what);
      rmSync(markers, { recursive: true });
    }
    rmSync(pomFile);
    renameSync(torn, directory);
  } finally {
    rmSync(torn, { recursive: true, force: true });
  }
}

function runMaven(
  server: MavenServer,
  pomFile: string,
  goal: string,
  ...properties: readonly string[]
): Promise<void> {
  const args = ['-q', '-B', '-f', pomFile, `dependency:${goal}`, ...properties];
  const child = spawn('mvn', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: downloadTimeoutMs,
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-shownOutputLength);
    });
  }
  return new Promise((resolve, reject) => {
    const fail = (reason: string) =>
      reject(
        new Error(
          `${server.name} ${server.version} could not be downloaded: ${reason}. ` +
            `mvn has to reach Maven Central, or the mirror in its settings.xml. ${words.trim()}`,
        ),
      );
    child.once('error', (error) => fail(`mvn cannot be started (${error.message})`));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else fail(`mvn ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

function pom({ name, artifacts }: MavenServer): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, id, version] = artifact.split(':');
    const names = `<groupId>${group}</groupId><artifactId>${id}</artifactId>`;
    return `    <dependency>${names}<version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>hunt.services</groupId><artifactId>${name}</artifactId><version>1</version>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`;
}
