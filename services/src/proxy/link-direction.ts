import type { Socket } from 'node:net';

/** What waits for its time in one direction of a connection; above it the sender is not read. */
const queuedMaxBytes = 1 << 20;

/** What a link does to bytes now. */
export interface LinkWeather {
  /** They stay where they are until this is over, as when packets are lost on the way. */
  readonly isHeld: () => boolean;
  /** Each arrives so many milliseconds late. */
  readonly delayMs: () => number;
}

/** Brings bytes from one socket to another, in order, late or not at all as the weather is. */
export class LinkDirection {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #weather: LinkWeather;
  readonly #queue: { readonly due: number; readonly bytes: Buffer }[] = [];
  #queuedBytes = 0;
  #ended = false;
  #isFull = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, weather: LinkWeather) {
    this.#from = from;
    this.#to = to;
    this.#weather = weather;
    from.on('data', (bytes: Buffer) => {
      this.#queue.push({ due: performance.now() + weather.delayMs(), bytes });
      this.#queuedBytes += bytes.length;
      this.forward();
    });
    from.once('end', () => {
      this.#ended = true;
      this.forward();
    });
    to.on('drain', () => {
      this.#isFull = false;
      this.forward();
    });
    to.once('close', () => clearTimeout(this.#timer));
  }

  /** Sends what is due; call it when the weather changes. */
  forward(): void {
    clearTimeout(this.#timer);
    if (this.#to.destroyed) return;
    const isHeld = this.#weather.isHeld();
    while (!isHeld && !this.#isFull) {
      const next = this.#queue[0];
      if (next === undefined) break;
      const waitMs = next.due - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.forward(), Math.ceil(waitMs));
        break;
      }
      this.#queue.shift();
      this.#queuedBytes -= next.bytes.length;
      this.#isFull = !this.#to.write(next.bytes);
    }
    if (isHeld || this.#queuedBytes >= queuedMaxBytes) this.#from.pause();
    else this.#from.resume();
    if (this.#ended && this.#queue.length === 0 && !isHeld) this.#to.end();
  }
}
