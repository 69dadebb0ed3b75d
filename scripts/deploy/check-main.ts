// npm run deploy:check [-- --write]: holds what is deployed against tools that npm does not bring. The first run on a
// machine installs them into HUNT_DEPLOY_CACHE, which takes three minutes and more for Helm; later ones take seconds.
import { readCommandLine } from '../command-line.ts';
import { deployChecks } from './checks.ts';

const { write } = readCommandLine({
  command: 'npm run deploy:check --',
  summary: 'Holds what is deployed against tools that npm does not bring.',
  options: { write: { text: 'renders the samples of the chart anew' } },
});
console.log('The first run on a machine compiles Helm: some minutes. Later ones take seconds.');
for (const { name, run } of deployChecks) {
  const started = performance.now();
  const problems = await run({ writes: write }).catch((error: Error) => [error.message]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name.padEnd(36)} ${problems.length === 0 ? 'ok    ' : 'FAILED'} ${seconds} s`);
  for (const problem of problems) console.log(`  ${problem.replaceAll('\n', '\n  ')}`);
  if (problems.length > 0) process.exitCode = 1;
}
