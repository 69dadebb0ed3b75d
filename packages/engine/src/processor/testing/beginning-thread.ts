/* A thread that begins record after record, each in the same moment in which another one wants it. */
import { parentPort, workerData } from 'node:worker_threads';
import { RecordClaims } from '../record-claims.ts';
import { InStep } from './in-step.ts';

export interface BeginningThreadData {
  /** Of `RecordClaims`. */
  readonly claims: SharedArrayBuffer;
  /** Of `InStep`. */
  readonly steps: SharedArrayBuffer;
  readonly tickets: readonly number[];
}

const data = workerData as BeginningThreadData;
const claims = new RecordClaims(data.claims);
const steps = new InStep(1, data.steps);
parentPort!.postMessage('ready');
const begun: number[] = [];
for (const [index, ticket] of data.tickets.entries()) {
  steps.take(index + 1);
  if (claims.begin(ticket)) begun.push(ticket);
}
parentPort!.postMessage(begun);
