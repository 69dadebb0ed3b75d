import { parentPort, workerData } from 'node:worker_threads';
import type { ArrivalPlan } from '../arrivals/arrival.ts';
import { GeneratorThread, type Opened, type ThreadOptions } from './generator-thread.ts';
import type { LoadRecord, LoadRecordJson } from './load-record.ts';

/** To the thread. */
export type ThreadOrder =
  | { readonly kind: 'run'; readonly plan: ArrivalPlan; readonly startsAt: number }
  | { readonly kind: 'close' };

/** From the thread. */
export type ThreadReport =
  | { readonly kind: 'opened'; readonly opened: Opened }
  | { readonly kind: 'progress'; readonly offered: number; readonly decided: number }
  | { readonly kind: 'record'; readonly record: LoadRecordJson };

const port = parentPort!;
const thread = new GeneratorThread(workerData as ThreadOptions);
const tell = (report: ThreadReport) => port.postMessage(report);

port.on('message', async (order: ThreadOrder) => {
  if (order.kind === 'close') {
    thread.close();
    port.close();
    return;
  }
  const onSecond = ({ offered, decided }: LoadRecord) =>
    tell({ kind: 'progress', offered, decided });
  const record = await thread.run(order.plan, order.startsAt, onSecond);
  tell({ kind: 'record', record: JSON.parse(JSON.stringify(record)) });
});
tell({ kind: 'opened', opened: await thread.open() });
