import type { Duplex } from 'node:stream';
import type { Clock } from 'veltrix';
import type { WebSocket } from 'ws';
import { type Problem, problemOf } from '../problem.ts';
import { type LiveMessage, socketText } from './live-message.ts';
import type { LiveConnection, LiveEventName } from './live-subscriber.ts';

/** WebSocket close codes (RFC 6455, 7.4.1). */
const policyViolation = 1008;
const goingAway = 1001;
const tryAgainLater = 1013;

/** A reason has at most 123 bytes; ids are far shorter. */
const reasonMaxBytes = 123;

/** Events and answers on a WebSocket, one JSON text a message. */
export class SocketConnection implements LiveConnection {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #clock: Clock;
  #isCorked = false;
  #isAlive = true;

  constructor(socket: WebSocket, stream: Duplex, clock: Clock) {
    this.#socket = socket;
    this.#stream = stream;
    this.#clock = clock;
    socket.on('pong', () => {
      this.#isAlive = true;
    });
  }

  send(name: LiveEventName, cursor: string | undefined, membersJson: string): void {
    this.sendText(socketText(name, cursor, membersJson));
  }

  /** Past the socket's own framing, which would make the frame anew for each; nothing it sends waits there. */
  sendShared(message: LiveMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#stream.write(message.socketFrame);
  }

  /** What is sent within one turn goes out together. */
  sendText(text: string): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#stream.cork();
      this.#clock.defer(() => {
        this.#isCorked = false;
        this.#stream.uncork();
      });
    }
    this.#socket.send(text);
  }

  backlogBytes(): number {
    return this.#socket.bufferedAmount;
  }

  close(error: Error): void {
    const problem = problemOf(error);
    const reason = Buffer.from(`${problem.code}: ${problem.detail}`).subarray(0, reasonMaxBytes);
    // Cut at a character: a reason that is not UTF-8 breaks the protocol.
    this.#socket.close(closeCode(problem), reason.toString().replace(/\ufffd+$/, ''));
  }

  /** The other side answers a ping by the next beat, or is given up. */
  beat(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }
}

function closeCode({ code, retry }: Problem): number {
  if (code === 'engine-draining') return goingAway;
  return retry === 'never' ? policyViolation : tryAgainLater;
}
