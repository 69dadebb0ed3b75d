import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CodedError, veltrixErrors } from 'veltrix';
import type { Retained } from '../retention/retain-partition.ts';
import { unpackStandings } from '../views/packed-standings.ts';
import type { PartitionSeed } from '../views/views.ts';
import type {
  CommandPort,
  HuntEntry,
  RefusalListener,
  TeamProgress,
  TreasureStock,
} from './command-port.ts';
import type { PartitionStatus } from './processor-host.ts';
import type { ProcessorSettings } from './processor-settings.ts';
import { RecordBatchWriter, readRecordBatch } from './record-batch.ts';
import type {
  ErrorMessage,
  FromProcessors,
  ProcessorWorkerData,
  Query,
  ToProcessors,
} from './worker-messages.ts';

type Ready = Extract<FromProcessors, { kind: 'ready' }>;
type CheckpointDamage = Extract<FromProcessors, { kind: 'checkpoint-damaged' }>;
type DecidedListener = (partition: number, offset: number, record: Uint8Array) => void;

/** Reaches the processors on their own thread. */
export class ProcessorClient implements CommandPort {
  readonly partitionCount: number;
  readonly logId: string;
  /** Standings as they were when the processors were ready, by partition. */
  readonly seeds: readonly PartitionSeed[];
  /** What each partition's recovery did. */
  readonly recovered: Ready['status'];
  readonly #worker: Worker;
  readonly #decided: DecidedListener[] = [];
  readonly #refused: RefusalListener[] = [];
  readonly #stopped: ((partition: number, error: Error) => void)[] = [];
  /** Damaged checkpoints that the recovery passed over. */
  readonly #damage: readonly CheckpointDamage[];
  readonly #asked = new Map<number, (answer: unknown) => void>();
  readonly #sending = new RecordBatchWriter();
  #questions = 0;
  #closed: (() => void) | undefined;
  #exited = false;

  constructor(worker: Worker, ready: Ready, damage: readonly CheckpointDamage[]) {
    this.#worker = worker;
    this.#damage = damage;
    this.partitionCount = ready.partitionCount;
    this.logId = ready.logId;
    this.seeds = ready.seeds.map(({ nextOffset, hunts, teams }) => {
      return { nextOffset, hunts, teams: unpackStandings(teams) };
    });
    this.recovered = ready.status;
    worker.on('message', (message: FromProcessors) => this.#receive(message));
    worker.on('error', (error) => this.#stopAll(error));
    worker.on('exit', () => this.#exit());
  }

  #receive(message: FromProcessors): void {
    switch (message.kind) {
      case 'decided':
        readRecordBatch(message.batch, (partition, offset, record) => {
          for (const listener of this.#decided) listener(partition, offset, record);
        });
        return;
      case 'refused': {
        const error = revive(message.error);
        for (const listener of this.#refused) {
          listener(message.partition, message.originBatch, error);
        }
        return;
      }
      case 'stopped':
        for (const listener of this.#stopped) listener(message.partition, revive(message.error));
        return;
      case 'answer':
        this.#asked.get(message.number)?.(message.answer);
        this.#asked.delete(message.number);
        return;
      case 'closed':
        this.#closed?.();
        return;
      case 'ready':
      case 'checkpoint-damaged':
      case 'failed':
        return;
    }
  }

  #stopAll(error: Error): void {
    for (let partition = 0; partition < this.partitionCount; partition++) {
      for (const listener of this.#stopped) listener(partition, error);
    }
  }

  #exit(): void {
    this.#exited = true;
    this.#closed?.();
    for (const resolve of this.#asked.values()) resolve(undefined);
    this.#asked.clear();
  }

  #post(message: ToProcessors, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Records sent in one turn, one per partition as a rule, cross as one message. */
  send(partition: number, record: Uint8Array): void {
    if (this.#sending.isEmpty) {
      queueMicrotask(() => {
        const batch = this.#sending.take();
        this.#post({ kind: 'commands', batch }, [batch]);
      });
    }
    this.#sending.add(partition, 0, record);
  }

  onDecided(listener: DecidedListener): void {
    this.#decided.push(listener);
  }

  onRefused(listener: RefusalListener): void {
    this.#refused.push(listener);
  }

  onStopped(listener: (partition: number, error: Error) => void): void {
    this.#stopped.push(listener);
  }

  /** Calls back at once for every damaged checkpoint that the recovery passed over. */
  onCheckpointDamage(listener: (partition: number, file: string, reason: string) => void): void {
    for (const { partition, file, reason } of this.#damage) listener(partition, file, reason);
  }

  #ask<Answer>(query: Query): Promise<Answer> {
    if (this.#exited) {
      return Promise.reject(
        veltrixErrors.create('veltrix-partition-stopped', {
          partition: 'any',
          reason: 'the processors have stopped',
        }),
      );
    }
    const number = ++this.#questions;
    return new Promise((resolve) => {
      this.#asked.set(number, resolve as (answer: unknown) => void);
      this.#post({ kind: 'query', number, query });
    });
  }

  hunts(): Promise<HuntEntry[]> {
    return this.#ask({ ask: 'hunts' });
  }

  team(huntId: string, teamId: string): Promise<TeamProgress | undefined> {
    return this.#ask({ ask: 'team', huntId, teamId });
  }

  treasures(huntId: string): Promise<TreasureStock[]> {
    return this.#ask({ ask: 'treasures', huntId });
  }

  status(): Promise<PartitionStatus[]> {
    return this.#ask({ ask: 'status' });
  }

  /** Lets go of log segments: see `ProcessorHost.retain`. Empty when the thread ends meanwhile. */
  async retain(archivedEnds: readonly number[], keepBytes: number): Promise<readonly Retained[]> {
    const query = { ask: 'retain', archivedEnds, keepBytes } as const;
    return (await this.#ask<readonly Retained[] | undefined>(query)) ?? [];
  }

  /** Waits until everything sent before is decided and durable, then ends the thread. */
  async close(): Promise<void> {
    if (this.#exited) return;
    const closed = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    this.#post({ kind: 'close' });
    await closed;
    if (!this.#exited) await once(this.#worker, 'exit');
  }
}

/** An error from the other thread, as a coded one with its id and text. */
function revive({ id, message, retry }: ErrorMessage): CodedError {
  const text = message.endsWith(` (${id})`) ? message.slice(0, -id.length - 3) : message;
  return new CodedError(
    id,
    { retry: retry as CodedError['retry'], message: text, cause: '', remedy: '' },
    {},
  );
}

/** Starts the processors' thread on a data directory and waits until its partitions are recovered. */
export async function startProcessors(
  directory: string,
  settings: ProcessorSettings,
): Promise<ProcessorClient> {
  const data: ProcessorWorkerData = { directory, settings };
  const worker = new Worker(new URL('./processor-worker.ts', import.meta.url), {
    workerData: data,
    name: 'processors',
  });
  const exited = new Promise<undefined>((resolve) => worker.once('exit', () => resolve(undefined)));
  const damage: CheckpointDamage[] = [];
  const first = await firstMessage(worker, damage);
  if (first.kind === 'ready') return new ProcessorClient(worker, first, damage);
  if (first.kind === 'failed') {
    // It still lets go of the directory's lock.
    await exited;
    throw revive(first.error);
  }
  throw new Error(`the processors began with ${first.kind}`);
}

/**
 * The first message that says how the start went. What was damaged and passed over meanwhile is added to
 * `damage`. One listener for all: a thread that ends hands over its last messages in one go.
 */
function firstMessage(worker: Worker, damage: CheckpointDamage[]): Promise<FromProcessors> {
  return new Promise((resolve, reject) => {
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
}
