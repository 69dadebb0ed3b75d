/*
 * Commands take a fifth of a second to the processors, of which nobody is short, and admission does not look whether
 * letting in fewer makes them quicker.
 */
import { LeastLoadProbe } from '../../gateway/least-load-probe.ts';
import { ProcessorClient } from '../../processor/processor-client.ts';

const { send } = ProcessorClient.prototype;

ProcessorClient.prototype.send = function (partition, record) {
  const copy = record.slice();
  setTimeout(() => send.call(this, partition, copy), 200);
  return 0;
};

const isDue = 'isDue' satisfies keyof LeastLoadProbe;
Object.defineProperty(LeastLoadProbe.prototype, isDue, { get: () => false });
