/* Objects by the thousand, four fifths of what the heap holds beside the server, and always some that are new. */
import { isMainThread } from 'node:worker_threads';

const kept: object[] = [];
let next = 0;

function keep(): void {
  kept[next] = Array.from({ length: 12_000 }, (_, index) => ({ index, text: [index] }));
  next = (next + 1) % 62;
}

if (isMainThread) setInterval(keep, 4).unref();
