import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { whyNoJMeter } from '../availability.ts';
import { javaOptions } from '../download/java-options.ts';
import { mavenLibraries } from '../download/maven-libraries.ts';
import { RunDirectory } from '../run/run-directory.ts';
import { jmeterProgram } from './jmeter-program.ts';

/** A request that JMeter has sent, or could not send. */
export interface JMeterSample {
  /** Of its sampler. */
  readonly label: string;
  readonly success: boolean;
  /** Status of HTTP, or what happened instead. */
  readonly code: string;
  /** Since the epoch. */
  readonly startedAtMs: number;
  readonly elapsedMs: number;
}

export interface JMeterOptions {
  /** Killed after this long, downloads not counted. */
  readonly timeoutMs: number;
  /** What a plan asks for by `__P`. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** What came of a plan. */
export interface JMeterRun {
  /** Exit code; null when it was killed. JMeter says 0 as well when every request failed. */
  readonly code: number | null;
  readonly samples: readonly JMeterSample[];
  /** What it printed, then the end of its log. */
  readonly output: string;
}

const outputMaxLength = 20_000;

/**
 * Runs a plan with Apache JMeter, without its window, to the end; what it writes lies in a temporary directory
 * that ends with the run, or with this process. The first run on a machine downloads it from Maven Central.
 */
export async function runJMeter(plan: string, options: JMeterOptions): Promise<JMeterRun> {
  const missing = whyNoJMeter();
  if (missing !== undefined) throw new Error(`JMeter ${missing}`);
  const libraries = await mavenLibraries(jmeterProgram);
  const directory = new RunDirectory('jmeter');
  try {
    return await runIn(directory, libraries, plan, options);
  } finally {
    await directory.remove();
  }
}

async function runIn(
  directory: RunDirectory,
  libraries: string,
  plan: string,
  { timeoutMs, properties }: JMeterOptions,
): Promise<JMeterRun> {
  const file = (name: string) => path.join(directory.path, name);
  await makeHome(file('home'), libraries);
  await writeFile(file('plan.jmx'), plan);
  const all = {
    ...properties,
    // No port for commands from outside.
    'jmeterengine.nongui.port': '0',
    // Threads of an open model linger for a minute after the end.
    'jmeterengine.force.system.exit': 'true',
    'jmeter.save.saveservice.default_delimiter': '\\t',
  };
  const args = [
    '-Xmx256m',
    ...javaOptions(directory.path, [libraries]),
    `-Djmeter.home=${file('home')}`,
    `-Djava.util.prefs.userRoot=${directory.path}`,
    'org.apache.jmeter.NewDriver',
    ...['-n', '-t', file('plan.jmx'), '-l', file('results.jtl'), '-j', file('jmeter.log')],
    // It says something of each request.
    '-LWARN',
    ...Object.entries(all).map(([name, value]) => `-J${name}=${value}`),
  ];
  const child = spawn('java', args, {
    ...{ cwd: directory.path, stdio: ['ignore', 'pipe', 'pipe'] },
    ...{ timeout: timeoutMs, killSignal: 'SIGKILL' },
  });
  if (child.pid !== undefined) directory.guard(child.pid);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-outputMaxLength);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (child.pid !== undefined) directory.unguard(child.pid);
  const log = readIfThere(file('jmeter.log')).slice(-outputMaxLength);
  return { code, samples: samplesOf(readIfThere(file('results.jtl'))), output: printed + log };
}

/** It looks for its settings and for its own parts in the places of an installation. */
async function makeHome(home: string, libraries: string): Promise<void> {
  const parts = path.join(home, 'lib/ext');
  await mkdir(parts, { recursive: true });
  await mkdir(path.join(home, 'lib/junit'));
  await symlink(path.join(libraries, 'bin'), path.join(home, 'bin'));
  for (const jar of await readdir(libraries)) {
    if (jar.startsWith('ApacheJMeter'))
      await symlink(path.join(libraries, jar), path.join(parts, jar));
  }
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** A line for each sample, below one with the names of the columns. */
function samplesOf(results: string): JMeterSample[] {
  const [names = [], ...rows] = results.split('\n').map((line) => line.split('\t'));
  const column = (row: readonly string[], name: string) => row[names.indexOf(name)] ?? '';
  return rows
    .filter((row) => row.length > 1)
    .map((row) => ({
      label: column(row, 'label'),
      success: column(row, 'success') === 'true',
      code: column(row, 'responseCode'),
      startedAtMs: Number(column(row, 'timeStamp')),
      elapsedMs: Number(column(row, 'elapsed')),
    }));
}
