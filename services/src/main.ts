import type { ServiceName } from './availability.ts';
import { downloadLibraries } from './download/download-libraries.ts';
import { type CommandLine, parseCommandLine, usage } from './stack/command-line.ts';
import { takeDown } from './stack/down.ts';
import { absent, type ServiceReport, serviceReport } from './stack/service-report.ts';
import { startedServices } from './stack/state-file.ts';
import { bringUp } from './stack/up.ts';

const usual: readonly ServiceName[] = ['kafka', 'cassandra', 'redis', 'zookeeper'];

const tasks: Readonly<
  Record<CommandLine['verb'], (service: ServiceName) => Promise<ServiceReport>>
> = {
  up: bringUp,
  down: takeDown,
  status: serviceReport,
  download: async (service) => {
    await downloadLibraries(service);
    return absent(service, 'stopped');
  },
};

async function run({ verb, services: named, json }: CommandLine): Promise<void> {
  const starts = verb === 'up' || verb === 'download';
  const names = named.length > 0 ? named : starts ? usual : startedServices();
  const reports = await Promise.all(
    names.map(async (service) => {
      const report = await tasks[verb](service).catch((error: Error) =>
        absent(service, 'failed', error.message),
      );
      if (!json) print(verb, report);
      return report;
    }),
  );
  if (json) console.log(JSON.stringify({ services: reports }, undefined, 2));
  else if (names.length === 0) console.log('none was started: npm run services -- up');
  const wanted = ['answers', 'given'];
  if (verb === 'down' || verb === 'download') wanted.push('stopped');
  if (reports.some(({ state }) => !wanted.includes(state))) process.exitCode = 1;
}

function print(verb: CommandLine['verb'], report: ServiceReport): void {
  const { service, state, addresses, environment, reason } = report;
  const done = verb === 'download' && state === 'stopped' ? 'downloaded' : state;
  const words = [service.padEnd(10), done.padEnd(8)];
  if (environment !== '') words.push(addresses.join(','), ` export ${environment}`);
  if (reason !== undefined) words.push(reason);
  const line = words.join(' ').trimEnd();
  if (reason === undefined) console.log(line);
  else console.error(line);
}

async function main(line: readonly string[]): Promise<void> {
  if (line.includes('--help')) return console.log(usage);
  let understood: CommandLine;
  try {
    understood = parseCommandLine(line);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
    return;
  }
  await run(understood);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
