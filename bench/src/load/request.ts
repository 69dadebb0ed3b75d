import { slug } from '../crowd/bench-hunt.ts';

const keyDigits = 12;
const keyPlace = '#'.repeat(keyDigits);

/** Ready-made bytes of a request with a number in them that is another one each time. */
export class NumberedRequest {
  readonly #bytes: Buffer;
  readonly #places: readonly number[];

  /** Every run of twelve `#` becomes a number. */
  constructor(text: string) {
    this.#bytes = Buffer.from(text, 'latin1');
    const places: number[] = [];
    for (let at = text.indexOf(keyPlace); at >= 0; at = text.indexOf(keyPlace, at + keyDigits)) {
      places.push(at);
    }
    this.#places = places;
  }

  /** The bytes with the numbers from `first` on; borrowed until the socket has them. */
  numbered(first: number): Buffer {
    let number = first;
    for (const place of this.#places) {
      let rest = number++;
      for (let at = place + keyDigits - 1; at >= place; at--) {
        this.#bytes[at] = 48 + (rest % 10);
        rest = Math.floor(rest / 10);
      }
    }
    return this.#bytes;
  }

  get numbers(): number {
    return this.#places.length;
  }
}

/** How many different wrong answers the crowd has. */
const wrongAnswers = 500;

function answer(number: number, more: object): object {
  const step = `s${number % 12}`;
  return { type: 'submit-answer', step, answer: `wrong ${number % wrongAnswers}`, ...more };
}

function post(path: string, token: string, headers: readonly string[], body: string): string {
  return [
    `POST /v1/hunts/${slug}${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Authorization: Bearer ${token}`,
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** A wrong answer over HTTP, with a key of its own each time. */
export function singleRequest(token: string, number: number): NumberedRequest {
  const body = JSON.stringify(answer(number, {}));
  return new NumberedRequest(post('/commands', token, [`Idempotency-Key: k${keyPlace}`], body));
}

function get(path: string, token: string): NumberedRequest {
  const lines = [
    `GET /v1/hunts/${slug}${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: Bearer ${token}`,
  ];
  return new NumberedRequest(`${lines.join('\r\n')}\r\n\r\n`);
}

/** What one of a crowd that looks more than it plays asks in turn: half its own progress, four tenths the standings. */
const readerTurns = [
  ...['/me', '/standings', '/me', '/standings', '/me'],
  ...['/standings', '/me', '/standings', '/me', 'answer'],
] as const;

/** Ten requests for each player, a turn of all players after another, so that each moment has all kinds. */
export function readerRequests(tokens: readonly string[]): NumberedRequest[] {
  return readerTurns.flatMap((_, turn) =>
    tokens.map((token, number) => {
      const what = readerTurns[(turn + number) % readerTurns.length]!;
      return what === 'answer' ? singleRequest(token, number) : get(what, token);
    }),
  );
}

/** So many wrong answers in one request. */
export function batchRequest(token: string, number: number, commands: number): NumberedRequest {
  const list = Array.from({ length: commands }, (_, at) =>
    answer(number * commands + at, { id: `k${keyPlace}` }),
  );
  return new NumberedRequest(
    post('/commands/batch', token, [], JSON.stringify({ commands: list })),
  );
}

/** A wrong answer as a text frame from a client, masked with zeros: legal, and nothing to compute. */
export function socketFrame(number: number): NumberedRequest {
  const body = JSON.stringify(answer(number, { id: `k${keyPlace}` }));
  return new NumberedRequest(textFrame(body));
}

function textFrame(body: string): string {
  const size = Buffer.byteLength(body);
  const length =
    size < 126
      ? String.fromCharCode(0x80 | size)
      : String.fromCharCode(0x80 | 126, size >> 8, size & 0xff);
  return `\x81${length}\0\0\0\0${body}`;
}
