/* The thread of the gateway stands still for a tenth of a second, twice a second. */
import { isMainThread } from 'node:worker_threads';
import { sleep } from './sleep.ts';

if (isMainThread) setInterval(() => sleep(100), 500).unref();
