import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What a server's listeners answer on, by what they are asked. */
interface AnswersOn {
  readonly request: ServerResponse;
  readonly upgrade: Duplex;
}

export type Asked = keyof AnswersOn;

type Listener = (this: Server, request: IncomingMessage, answer: unknown, head: unknown) => void;

/**
 * Has a server ask `takes` before those who listen to its requests, or upgrades, by now: they do not hear of what it
 * takes, for which it returns true. Who stands there last is asked first. Those who listen later hear everything.
 * Every request passes here: nothing is made for it.
 */
export function standBefore<A extends Asked>(
  server: Server,
  asked: A,
  takes: (request: IncomingMessage, answer: AnswersOn[A]) => boolean,
): void {
  // As they were added: one that listens once still does.
  const behind = server.rawListeners(asked) as Listener[];
  server.removeAllListeners(asked);
  server.on(asked, (request: IncomingMessage, answer: AnswersOn[A], head?: Buffer) => {
    if (takes(request, answer)) return;
    for (const listener of behind) listener.call(server, request, answer, head);
  });
}
