import type { Clock } from 'veltrix';

/** Lines that are the same but for when they were written, and for whose request. */
interface Repeated {
  readonly firstAt: number;
  /** Of the latest. */
  line: string;
  written: number;
  heldBack: number;
}

export interface RepeatedLinesOptions {
  readonly write: (line: string) => void;
  readonly clock: Clock;
  /** From the first of them on, in milliseconds. */
  readonly windowMs?: number;
  /** Of the same lines within a window, how many are written. */
  readonly writtenMax?: number;
  /** Different lines that are remembered at once. */
  readonly linesMax?: number;
}

/** Differs between lines that say the same. */
const ofOneRequest = /,"(?:trace\.id|span\.id|http\.request\.id)":"[^"]*"/g;
const timestamp = /"@timestamp":"([^"]*)",?/;
const message = /"message":"((?:[^"\\]|\\.)*)"/;

/**
 * Writes a line that comes again and again a few times, and then how often it came within the
 * window: a fault that repeats a thousand times a second fills no disk and hides no other line. What
 * is remembered is bounded; the oldest is told of and forgotten first.
 */
export class RepeatedLines {
  readonly #write: (line: string) => void;
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #writtenMax: number;
  readonly #linesMax: number;
  readonly #seen = new Map<string, Repeated>();
  #cancelSweep: (() => void) | undefined;

  constructor(options: RepeatedLinesOptions) {
    this.#write = options.write;
    this.#clock = options.clock;
    this.#windowMs = options.windowMs ?? 10_000;
    this.#writtenMax = options.writtenMax ?? 3;
    this.#linesMax = options.linesMax ?? 64;
  }

  /** Takes a whole line, JSON with `@timestamp` and `message`. */
  add(line: string): void {
    const now = this.#clock.now();
    const key = line.replace(timestamp, '').replace(ofOneRequest, '');
    let seen = this.#seen.get(key);
    // A clock that was set back ends the window, too.
    if (seen && !(now >= seen.firstAt && now < seen.firstAt + this.#windowMs)) {
      this.#forget(key, seen);
      seen = undefined;
    }
    if (!seen) {
      if (this.#seen.size >= this.#linesMax) this.#forgetOldest();
      seen = { firstAt: now, line, written: 0, heldBack: 0 };
      this.#seen.set(key, seen);
    }
    if (seen.written < this.#writtenMax) {
      seen.written += 1;
      this.#write(line);
      return;
    }
    seen.heldBack += 1;
    seen.line = line;
    this.#armSweep();
  }

  /** Tells of everything that was held back. */
  flush(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    while (this.#seen.size > 0) this.#forgetOldest();
  }

  #armSweep(): void {
    if (this.#cancelSweep !== undefined) return;
    this.#cancelSweep = this.#clock.after(this.#windowMs, () => {
      this.#cancelSweep = undefined;
      this.#sweep(this.#clock.now());
    });
  }

  /** In the order of their windows' ends. */
  #sweep(now: number): void {
    for (const [key, seen] of this.#seen) {
      if (now >= seen.firstAt && now < seen.firstAt + this.#windowMs) break;
      this.#forget(key, seen);
    }
    if ([...this.#seen.values()].some(({ heldBack }) => heldBack > 0)) this.#armSweep();
  }

  #forgetOldest(): void {
    const [oldest] = this.#seen;
    if (oldest) this.#forget(...oldest);
  }

  #forget(key: string, { line, heldBack, firstAt }: Repeated): void {
    this.#seen.delete(key);
    if (heldBack > 0) this.#write(withCount(line, heldBack, firstAt));
  }
}

/** The latest line, saying how often it came since when beyond those that were written. */
function withCount(line: string, heldBack: number, firstAt: number): string {
  const at = Date.parse(timestamp.exec(line)?.[1] ?? '');
  const seconds = Number.isNaN(at) ? 0 : Math.max(0, Math.round((at - firstAt) / 1_000));
  const repeated = `repeated ${heldBack} times in ${seconds} s`;
  return line.replace(message, (_whole, text: string) => `"message":"${text} (${repeated})"`);
}
