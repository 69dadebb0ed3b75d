// npm run load:plans [-- --tools]: runs the plans for other tools by these tools, or only gets the tools. The first
// run on a machine compiles k6 with Go, which takes a minute and a half on two cores, and downloads JMeter.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { readCommandLine } from '../command-line.ts';
import { installed, installedProgram, k6 } from '../deploy/tools.ts';
import { repositoryRoot } from '../repository.ts';

const { tools } = readCommandLine({
  command: 'npm run load:plans --',
  summary: 'Runs the plans for other tools by these tools.',
  options: { tools: { text: 'only gets the tools' } },
});
if (installedProgram(k6) === undefined) {
  console.log(`Compiling k6 ${k6.version}: some minutes, once on this machine.`);
}
try {
  console.log(`k6 is ${await installed(k6)}`);
} catch (error) {
  // The tests of the other tool run all the same.
  console.error((error as Error).message);
  process.exitCode = 1;
}
if (!tools) {
  const tests = path.join(repositoryRoot, 'scripts/load/load-plans.int.test.ts');
  const { status } = spawnSync(process.execPath, ['--test', tests], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
