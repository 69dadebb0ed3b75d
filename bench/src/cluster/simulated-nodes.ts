import { type ControlPlaneCost, controlPlaneCost } from 'veltrix/simulator';
import { announce } from '../server/announcement.ts';

/*
 * What keeping simulated nodes in order costs each, in a process of its own, whose heap is sized for them. The first
 * run, with code not compiled yet, does not count.
 */
const [nodes, partitionsPerNode, seconds] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
];
const run = () => controlPlaneCost({ nodes, partitionsPerNode, seconds });
run();
const cost: ControlPlaneCost = run();
announce(cost, async () => {});
