/** One answer of an HTTP server, as far as a load generator looks. */
export interface HttpAnswer {
  readonly status: number;
  /** As much of the body as is looked at, byte by byte. */
  readonly body: string;
  /** The connection can carry another request. */
  readonly keepsAlive: boolean;
}

/** What stands in the first few hundred bytes decides; standings may be long. */
const bodyMost = 4_096;
/** Longer heads are no answers of a server that we load. */
const headMost = 65_536;
const headEnd = '\r\n\r\n';
const headEndBytes = Buffer.from(headEnd);

type State = 'head' | 'length' | 'chunk-size' | 'chunk' | 'trailer' | 'until-close';

/**
 * Reads answers of HTTP/1.1 (RFC 9112) from the bytes of one connection, in pieces of any size. It looks
 * at status, length, chunks and the beginning of the body, and costs a fraction of what a whole client
 * does: the generator shares its core with thousands of connections.
 */
export class HttpAnswerReader {
  readonly #onAnswer: (answer: HttpAnswer) => void;
  readonly #bodyMost: number;
  #state: State = 'head';
  /** Head, chunk size or trailer that is not there as a whole. */
  #line = '';
  #status = 0;
  #keepsAlive = true;
  #body = '';
  /** Bytes of the body or chunk still to come, with the line end behind a chunk. */
  #left = 0;

  /** @param most bytes of a body to keep; the rest is counted and passed over */
  constructor(onAnswer: (answer: HttpAnswer) => void, most = bodyMost) {
    this.#onAnswer = onAnswer;
    this.#bodyMost = most;
  }

  /** Keeps nothing of `bytes`. Throws an `Error` when these are no answers of HTTP/1.1. */
  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#state) {
        case 'head':
          at = this.#readHead(bytes, at);
          break;
        case 'length':
        case 'chunk':
          at = this.#readBody(bytes, at);
          break;
        case 'until-close':
          this.#keep(bytes, at, bytes.length);
          return;
        default:
          at = this.#readLine(bytes, at);
      }
    }
  }

  /** The server closed the connection; a body without a length ends so. */
  end(): void {
    if (this.#state === 'until-close') this.#answered();
  }

  #readHead(bytes: Buffer, from: number): number {
    if (this.#line === '') {
      // The usual case, in which the body is not made a string only to find where it begins.
      const whole = bytes.indexOf(headEndBytes, from);
      if (whole >= 0) {
        this.#begin(bytes.toString('latin1', from, whole));
        return whole + headEnd.length;
      }
    }
    const before = this.#line.length;
    const text = this.#line + bytes.toString('latin1', from);
    const end = text.indexOf(headEnd);
    if (end < 0) {
      if (text.length > headMost) throw new Error('the head of an answer does not end');
      this.#line = text;
      return bytes.length;
    }
    this.#line = '';
    this.#begin(text.slice(0, end));
    return from + end + headEnd.length - before;
  }

  #begin(head: string): void {
    const [, version, status] = /^HTTP\/1\.([01]) ([1-5]\d\d)/.exec(head) ?? [];
    if (status === undefined) throw new Error('the answer is not one of HTTP/1.1');
    this.#status = Number(status);
    const connection = /\r\nconnection: *([^\r]*)/i.exec(head)?.[1]?.toLowerCase();
    this.#keepsAlive = connection === undefined ? version === '1' : connection !== 'close';
    this.#body = '';
    if (this.#status < 200) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (/\r\ntransfer-encoding: *[^\r]*chunked/i.test(head)) this.#state = 'chunk-size';
    else if (this.#status === 204 || this.#status === 304 || length === '0') this.#answered();
    else if (length !== undefined) {
      this.#left = Number(length);
      this.#state = 'length';
    } else {
      this.#keepsAlive = false;
      this.#state = 'until-close';
    }
  }

  #readBody(bytes: Buffer, from: number): number {
    const to = Math.min(bytes.length, from + this.#left);
    const isChunk = this.#state === 'chunk';
    // The line end behind a chunk is not part of it.
    const text = isChunk ? Math.min(to, from + Math.max(0, this.#left - 2)) : to;
    this.#keep(bytes, from, text);
    this.#left -= to - from;
    if (this.#left > 0) return to;
    if (isChunk) this.#state = 'chunk-size';
    else this.#answered();
    return to;
  }

  #readLine(bytes: Buffer, from: number): number {
    const newline = bytes.indexOf(10, from);
    this.#line += bytes.toString('latin1', from, newline < 0 ? bytes.length : newline + 1);
    if (this.#line.length > headMost) throw new Error('a line of an answer does not end');
    if (newline < 0) return bytes.length;
    const line = this.#line.trimEnd();
    this.#line = '';
    if (this.#state === 'trailer') {
      if (line === '') this.#answered();
      return newline + 1;
    }
    if (!/^[\da-f]{1,8}(;.*)?$/i.test(line)) throw new Error('a chunk of an answer has no size');
    const size = Number.parseInt(line, 16);
    this.#left = size + 2;
    this.#state = size === 0 ? 'trailer' : 'chunk';
    return newline + 1;
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const room = this.#bodyMost - this.#body.length;
    if (room > 0) this.#body += bytes.toString('latin1', from, Math.min(to, from + room));
  }

  #answered(): void {
    this.#state = 'head';
    const answer = { status: this.#status, body: this.#body, keepsAlive: this.#keepsAlive };
    this.#onAnswer(answer);
  }
}
