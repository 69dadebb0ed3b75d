import type { NumberedRequest } from './request.ts';
import { SocketConnection } from './socket-connection.ts';

export interface SocketLoadOptions {
  readonly port: number;
  /** One connection each. */
  readonly tokens: readonly string[];
  /** Unanswered commands on each connection. */
  readonly depth: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly frames: readonly NumberedRequest[];
}

export interface SocketLoadResult {
  readonly perSecond: number;
  readonly refused: number;
  readonly eventsPerSecond: number;
}

/** Never twice in one process: they are the idempotency keys. */
let nextNumber = 1;

/** Each connection keeps so many commands on their way; a new one goes out for each answer. */
export async function socketLoad(options: SocketLoadOptions): Promise<SocketLoadResult> {
  const { port, tokens, depth, frames } = options;
  let answered = 0;
  let refusedSoFar = 0;
  let failure: Error | undefined;
  const send = (connection: SocketConnection, count: number) => {
    connection.send(frames, count, nextNumber);
    nextNumber += count;
  };
  const listener = {
    onAnswers(connection: SocketConnection, answers: number, refused: number) {
      answered += answers;
      refusedSoFar += refused;
      send(connection, answers);
    },
    onLost(error: Error | undefined) {
      failure = error ?? new Error('the server closed a connection');
    },
  };
  const connections = tokens.map((token) => new SocketConnection(port, token, listener));
  await Promise.all(connections.map(({ opened }) => opened));
  for (const connection of connections) send(connection, depth);
  const eventsSoFar = () => connections.reduce((sum, { events }) => sum + events, 0);
  await pause(options.warmUpSeconds);
  const start = performance.now();
  const [answersBefore, refusedBefore, eventsBefore] = [answered, refusedSoFar, eventsSoFar()];
  await pause(options.seconds);
  const seconds = (performance.now() - start) / 1_000;
  for (const connection of connections) connection.close();
  if (failure) throw failure;
  return {
    perSecond: (answered - answersBefore) / seconds,
    refused: refusedSoFar - refusedBefore,
    eventsPerSecond: (eventsSoFar() - eventsBefore) / seconds,
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}
