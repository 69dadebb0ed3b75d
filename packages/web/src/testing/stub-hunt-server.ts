import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hunt, Progress, StandingRow } from '@hunt/sdk';
import { WebSocketServer } from 'ws';
import { webFiles } from '../index.ts';

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};

const hint = { hint: 1, text: 'It is an even number.' };
export const scanCode = 'city-lights.poster.AAAAAAAAAAAAAAAAAAAAAA';

type Mutable<T> = { -readonly [Key in keyof T]: Mutable<T[Key]> };

/**
 * The pages and just enough of the API to play one hunt as one player: a stand-in that shows what the
 * pages do with each documented answer. It judges nothing that rules would judge.
 */
export class StubHuntServer {
  /** Test by test, what the server does next. */
  readonly hunt: Mutable<Hunt> = newHunt();
  readonly standings: Mutable<StandingRow>[] = [];
  staleSince: string | undefined;
  /** Without it, tokens are refused. */
  knowsPlayers = true;
  progress: Mutable<Progress> = newProgress();
  /** Bodies of commands, in order, and their idempotency keys. */
  readonly commands: Record<string, unknown>[] = [];
  readonly keys: string[] = [];
  /** The same of joins. */
  readonly joins: { readonly key: string; readonly body: unknown }[] = [];
  /** Answers to give before any other, as `[status, body]`; `lost` breaks the connection. */
  readonly next: (readonly [number, object] | 'lost')[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#server });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Pushes an event to every page. */
  push(event: object): void {
    for (const socket of this.#sockets.clients) socket.send(JSON.stringify(event));
  }

  /** Breaks every live connection. */
  breakLive(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  async close(): Promise<void> {
    this.breakLive();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname } = new URL(request.url ?? '/', 'http://stub');
    if (!pathname.startsWith('/v1/')) return servePage(pathname, response);
    const isCommand = pathname.endsWith('/commands');
    const body = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
    if (isCommand) {
      this.commands.push(body);
      this.keys.push(String(request.headers['idempotency-key']));
    }
    if (pathname.endsWith('/players')) {
      this.joins.push({ key: String(request.headers['idempotency-key']), body });
    }
    const planned = request.method === 'POST' ? this.next.shift() : undefined;
    if (planned === 'lost') {
      request.socket.destroy();
      return;
    }
    const known = this.knowsPlayers && request.headers.authorization === 'Bearer p1.token';
    const refused = (isCommand || pathname.endsWith('/me')) && !known;
    const [status, answer] =
      planned ??
      (refused ? problem(401, 'engine-token-invalid', 'never') : this.#resource(pathname, body));
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  }

  #resource(pathname: string, body: Record<string, unknown>): readonly [number, object] {
    const path = `/v1/hunts/${this.hunt.hunt}`;
    switch (pathname) {
      case '/v1/hunts':
        return [200, { hunts: [this.hunt] }];
      case path:
        return [200, { ...this.hunt, now: new Date().toISOString() }];
      case `${path}/players`: {
        const joinCode = this.hunt.teamSize > 1 ? { joinCode: 'ABCD2345' } : {};
        const expiresAt = '2099-01-01T00:00:00Z';
        return [201, { player: 'p', team: 'own', token: 'p1.token', expiresAt, ...joinCode }];
      }
      case `${path}/me`:
        return [200, this.progress];
      case `${path}/standings`: {
        const { standings, staleSince } = this;
        return [200, { version: 1, total: standings.length, staleSince, standings }];
      }
      case `${path}/commands`:
        return this.#decide(body);
      default:
        return problem(404, 'rules-hunt-unknown', 'later', { retryAfterSeconds: 1 });
    }
  }

  #decide(body: Record<string, unknown>): readonly [number, object] {
    const step = this.progress.steps.find(({ id }) => id === body['step']);
    const treasure = this.progress.treasures.find(({ id }) => id === body['treasure']);
    const accepted = { commandId: 'ff', status: 'accepted', repeated: false };
    if (step !== undefined && body['type'] === 'take-hint') {
      step.hints = [hint];
      return [200, { ...accepted, outcome: 'hint-taken', cost: 3, total: 0, text: hint.text }];
    }
    if (step !== undefined && body['type'] === 'submit-answer' && body['answer'] !== '12') {
      step.coolDownUntil = Date.now() + 60_000;
      return [200, { ...accepted, outcome: 'wrong', wrongAnswers: 1, coolDownSeconds: 60 }];
    }
    if (step !== undefined) {
      step.solved = true;
      this.progress.points += 10;
      for (const other of this.progress.steps) other.open = true;
      return [200, { ...accepted, outcome: 'solved', points: 10, total: this.progress.points }];
    }
    if (treasure !== undefined && body['type'] === 'claim-treasure') {
      treasure.reserved = 1;
      return [200, { ...accepted, outcome: 'reserved', expiresInSeconds: 300 }];
    }
    if (treasure !== undefined) {
      treasure.reserved = 0;
      treasure.held = 1;
      this.hunt.treasures[0]!.remaining--;
      return [200, { ...accepted, outcome: 'collected', number: 1 }];
    }
    return problem(400, 'engine-body-invalid', 'never');
  }
}

export function problem(
  status: number,
  code: string,
  retry: string,
  more: object = {},
): readonly [number, object] {
  return [status, { type: `/errors/${code}`, title: code, status, code, retry, ...more }];
}

async function servePage(pathname: string, response: ServerResponse): Promise<void> {
  const file = { '/': 'index.html', '/board': 'board.html' }[pathname] ?? pathname.slice(1);
  try {
    const bytes = await readFile(
      webFiles.modules.get(pathname)?.() ?? new URL(file, webFiles.root),
    );
    response.writeHead(200, {
      'content-type': types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      'content-security-policy':
        "default-src 'none'; connect-src 'self'; img-src 'self'; " +
        "media-src 'self'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'",
    });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

function newHunt(): Mutable<Hunt> {
  const hour = 3_600_000;
  return {
    hunt: 'city-lights',
    title: 'City Lights',
    opensAt: new Date(Date.now() - hour).toISOString(),
    closesAt: new Date(Date.now() + 2 * hour).toISOString(),
    teamSize: 1,
    ties: 'last-score',
    now: '',
    steps: [
      {
        id: 'bridge',
        title: 'The old bridge',
        clue: 'How many lamps stand on the bridge?\nCount both sides.',
        kind: 'answer',
        points: 10,
        hints: [{ cost: 3 }],
      },
      { id: 'poster', title: 'Poster', clue: 'By the river.', kind: 'scan', points: 10, hints: [] },
      { id: 'tower', title: 'Tower', clue: 'Stand below it.', kind: 'place', points: 1, hints: [] },
    ],
    treasures: [{ id: 'lamp', title: 'A brass lamp', stock: 3, perTeam: 1, remaining: 3 }],
  };
}

function newProgress(): Mutable<Progress> {
  const step = { solved: false, wrongAnswers: 0, coolDownUntil: 0, hints: [] };
  return {
    team: 'own',
    points: 0,
    penaltySeconds: 0,
    rank: 7,
    steps: [
      { id: 'bridge', open: true, ...step },
      { id: 'poster', open: false, ...step },
      { id: 'tower', open: false, ...step },
    ],
    treasures: [{ id: 'lamp', open: true, held: 0, pending: 0, reserved: 0 }],
  };
}
