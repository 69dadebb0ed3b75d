import type { IncomingMessage, Server } from 'node:http';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { Deadline } from 'veltrix/resilience';
import type { RawData, WebSocket, WebSocketServer } from 'ws';
import { engineErrors } from '../../errors.ts';
import type { PlayerIdentity } from '../../identity/player-token.ts';
import type { SocketCommand } from '../command-request.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { DirectoryHunt } from '../hunt-directory.ts';
import { notTakenJson } from '../outcome-json.ts';
import { writeProblem } from '../raw-problem.ts';
import type { SchemaValidator } from '../schema-validator.ts';
import type { LiveSubscriber } from './live-subscriber.ts';
import { SocketCommands } from './socket-commands.ts';
import { SocketConnection } from './socket-connection.ts';

const messageMaxBytes = 262_144;
const arrayMax = 256;
const livePath = /^\/v1\/hunts\/([a-z0-9-]{1,64})\/live$/;
/** A token may come as a subprotocol, the only header that a browser lets a page set. */
const tokenProtocol = 'bearer.';

/** WebSockets for live push and commands, on the server of the HTTP API. */
export class SocketEndpoint {
  readonly #parts: GatewayParts;
  readonly #validator: () => SchemaValidator;
  #sockets: WebSocketServer | undefined;

  constructor(parts: GatewayParts, validator: () => SchemaValidator) {
    this.#parts = parts;
    this.#validator = validator;
  }

  attach(server: Server): void {
    server.on('upgrade', (request, stream: Duplex, head: Buffer) => {
      stream.on('error', () => stream.destroy());
      try {
        this.#upgrade(request, stream, head);
      } catch (error) {
        writeProblem(stream, error);
      }
    });
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const { state, directory, live } = this.#parts;
    state.check();
    const url = new URL(request.url ?? '', 'http://localhost');
    const slug = livePath.exec(url.pathname)?.[1];
    if (slug === undefined || request.headers['sec-websocket-key'] === undefined) {
      throw engineErrors.create('engine-upgrade-refused');
    }
    const hunt = directory.hunt(slug);
    live.checkRoom();
    const token = url.searchParams.get('token') ?? protocolToken(request);
    const player = token === undefined ? undefined : this.#parts.access.playerOf(token, hunt);
    const cursor = url.searchParams.get('cursor') ?? undefined;
    this.#sockets ??= webSocketServer();
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      new SocketSession(this.#parts, this.#validator(), slug, socket, stream, cursor, player);
    });
  }
}

/** Loaded with the first WebSocket: a start needs none, and takes 1 MB less without it. */
function webSocketServer(): WebSocketServer {
  const { WebSocketServer } = createRequire(import.meta.url)('ws') as typeof import('ws');
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: messageMaxBytes,
    perMessageDeflate: false,
    handleProtocols: (protocols) => firstOf(protocols),
  });
}

function protocolToken({ headers }: IncomingMessage): string | undefined {
  const offered = headers['sec-websocket-protocol']?.split(',') ?? [];
  const protocol = offered.map((one) => one.trim()).find((one) => one.startsWith(tokenProtocol));
  return protocol?.slice(tokenProtocol.length);
}

/** A browser breaks the connection when none of what it offered is chosen. */
function firstOf(protocols: ReadonlySet<string>): string | false {
  return [...protocols].find((one) => !one.startsWith(tokenProtocol)) ?? [...protocols][0] ?? false;
}

interface Held {
  readonly data: RawData;
  /** As `performance.now` tells it. */
  readonly arrivedAt: number;
}

/** One WebSocket: its subscription and its commands. */
class SocketSession {
  readonly #parts: GatewayParts;
  readonly #validator: SchemaValidator;
  readonly #slug: string;
  readonly #connection: SocketConnection;
  readonly #subscriber: LiveSubscriber;
  readonly #commands: SocketCommands;
  /** What had been read already when reading stopped: no more than one chunk of the connection. */
  #held: Held[] = [];

  constructor(
    parts: GatewayParts,
    validator: SchemaValidator,
    slug: string,
    socket: WebSocket,
    stream: Duplex,
    cursor: string | undefined,
    player: PlayerIdentity | undefined,
  ) {
    this.#parts = parts;
    this.#validator = validator;
    this.#slug = slug;
    const connection = new SocketConnection(socket, stream, parts.clock);
    this.#connection = connection;
    this.#commands = new SocketCommands({
      inflightMax: parts.config.current.socketInflightMax,
      hunt: () => this.#hunt(),
      sendText: (text) => connection.sendText(text),
      defer: (task) => parts.clock.defer(task),
      pause: () => socket.pause(),
      resume: () => this.#resume(socket),
    });
    this.#subscriber = parts.live.subscribe(this.#hunt(), connection, cursor);
    socket.on('close', () => parts.live.unsubscribe(this.#subscriber));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      if (this.#commands.isPaused) this.#held.push({ data, arrivedAt: performance.now() });
      else this.#message(data);
    });
    if (player !== undefined) parts.live.identify(this.#subscriber, this.#hunt(), player);
  }

  #hunt(): DirectoryHunt {
    return this.#parts.directory.hunt(this.#slug);
  }

  #resume(socket: WebSocket): void {
    const held = this.#held;
    this.#held = [];
    for (const [index, { data, arrivedAt }] of held.entries()) {
      if (this.#commands.isPaused) {
        this.#held = held.slice(index);
        return;
      }
      this.#message(data, arrivedAt);
    }
    if (!this.#commands.isPaused) socket.resume();
  }

  /** @param arrivedAt where it had to wait until commands before it were decided; else it is handed over in this turn */
  #message(data: RawData, arrivedAt?: number): void {
    const message = parse(data);
    if (!Array.isArray(message)) this.#receive([message], false, arrivedAt);
    else if (message.length <= arrayMax) this.#receive(message, true, arrivedAt);
    else {
      const reason = `may have at most ${arrayMax} commands`;
      const error = engineErrors.create('engine-request-invalid', { where: 'The array', reason });
      this.#commands.reply(undefined, notTakenJson(error), false);
    }
  }

  #receive(messages: readonly unknown[], inArray: boolean, arrivedAt?: number): void {
    const { player } = this.#subscriber;
    let refusal: unknown;
    try {
      this.#parts.state.check();
      if (player !== undefined) {
        const { playerRates, clock, ratesOf } = this.#parts;
        const own = ratesOf(this.#slug);
        playerRates.take(player.playerId, messages.length, clock.now(), own);
        const partition = this.#parts.submitter.partitionOf(this.#hunt(), player.team);
        this.#parts.batcher.checkRoom(messages.length, partition);
      }
    } catch (error) {
      refusal = error;
    }
    for (const message of messages) {
      const one = message as { readonly type?: unknown; readonly token?: unknown } | undefined;
      if (one?.type === 'hello') this.#hello(one.token);
      else this.#command(message, refusal, inArray, arrivedAt);
    }
  }

  #hello(token: unknown): void {
    try {
      if (typeof token !== 'string') throw engineErrors.create('engine-token-missing');
      const hunt = this.#hunt();
      this.#parts.live.identify(this.#subscriber, hunt, this.#parts.access.playerOf(token, hunt));
    } catch (error) {
      this.#connection.close(error as Error);
    }
  }

  #command(message: unknown, refusal: unknown, inArray: boolean, arrivedAt?: number): void {
    const { player } = this.#subscriber;
    let deadline: Deadline;
    try {
      if (message === undefined) throw engineErrors.create('engine-json-invalid');
      if (player === undefined) throw engineErrors.create('engine-token-missing');
      if (refusal !== undefined) throw refusal;
      this.#validator.check(message);
      deadline = this.#deadlineOf(message as SocketCommand, arrivedAt);
      if (arrivedAt !== undefined) this.#parts.deadlines.check(deadline, 'command');
    } catch (error) {
      this.#commands.reply(idOf(message), notTakenJson(error), inArray);
      return;
    }
    const request = message as SocketCommand;
    const traced = this.#parts.tracer?.begin();
    const submit = (tag: number) => {
      const { submitter, clock } = this.#parts;
      const hunt = this.#hunt();
      return submitter.submit(
        hunt,
        request,
        request.id,
        submitter.senderOf(hunt, player),
        clock.now(),
        this.#commands,
        tag,
        traced?.context,
      );
    };
    this.#commands.take(request, inArray, deadline, submit, traced);
  }

  #deadlineOf({ timeoutMs }: SocketCommand, arrivedAt?: number): Deadline {
    const mostMs = this.#parts.config.current.deadlineMaxMs;
    return Deadline.after(Math.min(mostMs, timeoutMs ?? mostMs), arrivedAt);
  }
}

function parse(data: RawData): unknown {
  try {
    const value: unknown = JSON.parse(data.toString());
    return value ?? undefined;
  } catch {
    return undefined;
  }
}

/** What to answer under, also when the rest of the message is wrong. */
function idOf(message: unknown): string | undefined {
  const id = (message as { readonly id?: unknown } | undefined)?.id;
  return typeof id === 'string' && id.length <= 128 ? id : undefined;
}
