import type { TraceContext } from '../records/trace-context.ts';
import type { TracedMessage } from './fold-effects.ts';

const messagesMax = 1_024;

/**
 * The traces of messages that wait in an outbox. Beside the state and not in it: what is lost with the
 * process is the rest of a trace, and no checkpoint and no hash knows of one. The oldest go first.
 */
export class MessageTraces {
  readonly #byMessage = new Map<string, TracedMessage>();

  get size(): number {
    return this.#byMessage.size;
  }

  add(message: TracedMessage): void {
    if (this.#byMessage.size >= messagesMax) {
      const [oldest] = this.#byMessage.keys();
      this.#byMessage.delete(oldest!);
    }
    this.#byMessage.set(keyOf(message.destination, message.sequence), message);
  }

  get(destination: number, sequence: number): TraceContext | undefined {
    return this.#byMessage.get(keyOf(destination, sequence))?.context;
  }

  /** Lets go of messages to `destination` up to and with the sequence number `acknowledged`. */
  forget(destination: number, acknowledged: number): void {
    for (const [key, message] of this.#byMessage) {
      const isDone = message.destination === destination && message.sequence <= acknowledged;
      if (isDone) this.#byMessage.delete(key);
    }
  }
}

function keyOf(destination: number, sequence: number): string {
  return `${destination}:${sequence}`;
}
