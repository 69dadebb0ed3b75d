import { NumberBoard } from './number-board.ts';
import { type CollectionKind, ThreadProbe } from './thread-probe.ts';
import { waitedMs } from './thread-waits.ts';

/** Times in seconds, sizes in bytes; what is not said to be otherwise adds up since the thread began. */
const columns = [
  ...(['activeSeconds', 'idleSeconds'] as const),
  /** Largest and 99th percentile of the last 10 to 20 s. */
  ...(['delayMaxSeconds', 'delayP99Seconds'] as const),
  ...(['minorGcSeconds', 'majorGcSeconds', 'otherGcSeconds'] as const),
  ...(['minorGcs', 'majorGcs', 'otherGcs'] as const),
  /** Now. */
  ...(['heapBytes', 'heapLimitBytes'] as const),
] as const;
export type ThreadNumber = (typeof columns)[number];

/** What is known of one thread, readable from any. */
export type ThreadBoard = NumberBoard<ThreadNumber>;

export function threadBoard(memory?: SharedArrayBuffer): ThreadBoard {
  return new NumberBoard(columns, memory ?? 1);
}

const sampleMs = 1_000;
const samplesPerWindow = 10;
/**
 * Writes once a second how the thread that it runs in is: how much of the time it is busy, how late its
 * loop turns, what collecting garbage takes. It keeps no process alive.
 */
export class ThreadMeter {
  readonly #board: ThreadBoard;
  #probe: ThreadProbe | undefined;
  #before = { max: 0, p99: 0 };
  #samples = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(board: ThreadBoard) {
    this.#board = board;
  }

  /**
   * Begins after a second: what it measures with takes a megabyte, which no start of a process has to
   * wait for. `onSample` is called every second, too: for others who show numbers.
   */
  start(onSample: () => void = () => {}): void {
    this.#timer = setInterval(() => {
      this.#probe ??= new ThreadProbe((kind, seconds) => this.#collected(kind, seconds));
      this.sample();
      onSample();
    }, sampleMs).unref();
    this.sample();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#probe?.close();
  }

  sample(): void {
    const { active, idle } = performance.eventLoopUtilization();
    const waited = waitedMs();
    this.#set('activeSeconds', Math.max(0, active - waited) / 1_000);
    this.#set('idleSeconds', (idle + waited) / 1_000);
    const probe = this.#probe;
    if (!probe) return;
    const now = probe.lateness();
    this.#set('delayMaxSeconds', Math.max(this.#before.max, now.max));
    this.#set('delayP99Seconds', Math.max(this.#before.p99, now.p99));
    this.#samples += 1;
    if (this.#samples % samplesPerWindow === 0) {
      this.#before = now;
      probe.resetLateness();
    }
    const { bytes, limitBytes } = probe.heap();
    this.#set('heapBytes', bytes);
    this.#set('heapLimitBytes', limitBytes);
  }

  #collected(kind: CollectionKind, seconds: number): void {
    this.#add(`${kind}GcSeconds`, seconds);
    this.#add(`${kind}Gcs`, 1);
  }

  #set(column: ThreadNumber, value: number): void {
    this.#board.set(0, column, value);
  }

  #add(column: ThreadNumber, amount: number): void {
    this.#set(column, this.#board.get(0, column) + amount);
  }
}
