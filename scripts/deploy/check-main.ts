// npm run deploy:check [-- --write]: holds what is deployed against tools that npm does not bring. The first run on a
// machine installs them into HUNT_DEPLOY_CACHE, which takes three minutes and more for Helm; later ones take seconds.
import { parseArgs } from 'node:util';
import { deployChecks } from './checks.ts';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
console.log('The first run on a machine compiles Helm: some minutes. Later ones take seconds.');
for (const { name, run } of deployChecks) {
  const started = performance.now();
  const problems = await run({ writes: values.write }).catch((error: Error) => [error.message]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name.padEnd(36)} ${problems.length === 0 ? 'ok    ' : 'FAILED'} ${seconds} s`);
  for (const problem of problems) console.log(`  ${problem.replaceAll('\n', '\n  ')}`);
  if (problems.length > 0) process.exitCode = 1;
}
