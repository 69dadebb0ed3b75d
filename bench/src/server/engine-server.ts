import { startEngine } from '@hunt/engine';
import { benchHunt } from '../crowd/bench-hunt.ts';
import { announce } from './announcement.ts';

/*
 * The engine as `hunt serve` runs it, in a process of its own, on the directory in its first argument, with the settings
 * in its second. Besides only the rates per player and address are out of the way: one process plays the whole crowd.
 */
const unlimited = 1e9;
const engine = await startEngine({
  directory: process.argv[2]!,
  host: '127.0.0.1',
  port: 0,
  hunts: [benchHunt({ stock: 1_000_000 })],
  logLevel: 'error',
  settings: {
    'gateway.playerRatePerSecond': unlimited,
    'gateway.playerBurst': unlimited,
    'gateway.joinRatePerSecond': unlimited,
    'gateway.joinBurst': unlimited,
    ...JSON.parse(process.argv[3]!),
  },
});
engine.onFailure((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
announce({ port: Number(new URL(engine.url).port) }, () => engine.close());
