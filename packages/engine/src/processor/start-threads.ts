import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { errorIn } from '../thread-error.ts';
import type { ProcessorBoard } from './processor-board.ts';
import type { ProcessorSettings } from './processor-settings.ts';
import { RecordClaims } from './record-claims.ts';
import type { FromProcessors, ProcessorWorkerData, ToProcessors } from './worker-messages.ts';

type Ready = Extract<FromProcessors, { kind: 'ready' }>;
type CheckpointDamage = Extract<FromProcessors, { kind: 'checkpoint-damaged' }>;

/** A thread whose partitions are recovered. */
export interface StartedThread {
  readonly worker: Worker;
  /** Of the records that are sent to it. */
  readonly claims: RecordClaims;
  readonly ready: Ready;
  /** Damaged checkpoints that the recovery passed over. */
  readonly damage: readonly CheckpointDamage[];
  readonly board: ProcessorBoard | undefined;
}

/**
 * Starts the processors' threads on a data directory and waits until all partitions are recovered.
 * Each thread shows its numbers on its board; without boards nothing is measured.
 * Throws the coded error of the first that cannot be; then no thread is left, and no lock.
 */
export async function startThreads(
  directory: string,
  settings: ProcessorSettings,
  count: number,
  boards: readonly ProcessorBoard[],
  isTraced: boolean,
): Promise<readonly StartedThread[]> {
  const threads = meshed(count).map((peers, thread) => {
    const board = boards[thread];
    const claims = new RecordClaims();
    const shared = { claims: claims.memory, board: board?.memory };
    return new StartingThread(
      { directory, settings, thread, peers, ...shared, isTraced },
      board,
      claims,
    );
  });
  const started = threads.map(({ started }) => started);
  try {
    return await Promise.all(started);
  } catch (error) {
    const [first, ...others] = threads;
    // The first holds the lock, so it ends last.
    await Promise.all(others.map((thread) => thread.end()));
    await first!.end();
    throw error;
  }
}

/** Channels from each thread to each other one: `[thread][peer]`. */
function meshed(count: number): (MessagePort | undefined)[][] {
  const ports = Array.from({ length: count }, () => new Array<MessagePort | undefined>(count));
  for (let one = 0; one < count; one++) {
    for (let other = one + 1; other < count; other++) {
      const { port1, port2 } = new MessageChannel();
      ports[one]![other] = port1;
      ports[other]![one] = port2;
    }
  }
  return ports.map((peers) => Array.from(peers));
}

class StartingThread {
  readonly started: Promise<StartedThread>;
  readonly #worker: Worker;
  #exited = false;

  constructor(
    workerData: ProcessorWorkerData,
    board: ProcessorBoard | undefined,
    claims: RecordClaims,
  ) {
    const worker = new Worker(new URL('./processor-worker.ts', import.meta.url), {
      ...{ workerData, name: 'processors' },
      transferList: workerData.peers.filter((port) => port !== undefined),
    });
    this.#worker = worker;
    worker.once('exit', () => {
      this.#exited = true;
    });
    this.started = firstWord(worker).then((first) => ({ ...first, board, claims }));
  }

  /** Asks it to stop, wherever it is, and waits for that. */
  async end(): Promise<void> {
    if (this.#exited) return;
    this.#worker.postMessage({ kind: 'close' } satisfies ToProcessors);
    await once(this.#worker, 'exit');
  }
}

/**
 * Waits for what says how the start went. What was damaged and passed over meanwhile is gathered. One
 * listener for all: a thread that ends hands over its last messages in one go.
 */
async function firstWord(worker: Worker): Promise<Omit<StartedThread, 'board' | 'claims'>> {
  const damage: CheckpointDamage[] = [];
  const first = await new Promise<FromProcessors>((resolve, reject) => {
    const receive = (message: FromProcessors) => {
      if (message.kind === 'checkpoint-damaged') {
        damage.push(message);
        return;
      }
      worker.off('message', receive).off('error', reject);
      resolve(message);
    };
    worker.on('message', receive).once('error', reject);
    worker.once('exit', () => reject(new Error('the processors ended without a word')));
  });
  if (first.kind === 'ready') return { worker, ready: first, damage };
  throw first.kind === 'failed'
    ? errorIn(first.error)
    : new Error(`the processors began with ${first.kind}`);
}
