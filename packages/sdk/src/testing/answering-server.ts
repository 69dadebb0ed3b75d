import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; text as it is. */
  readonly body?: unknown;
}

/** `lost`: the connection breaks without an answer. `never`: no answer comes. */
export type Answering = Answer | 'lost' | 'never';

export interface AnsweringServer {
  readonly url: string;
  readonly server: Server;
  /** In order of arrival. */
  readonly requests: ReceivedRequest[];
  close(): Promise<void>;
}

/** A real HTTP server that gives these answers, one after another; the last one again and again. */
export async function startAnsweringServer(
  ...answers: readonly Answering[]
): Promise<AnsweringServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    });
    if (answer === undefined || answer === 'lost') request.socket.destroy();
    else if (answer !== 'never') {
      response.writeHead(answer.status, answer.headers);
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A problem document as the API writes it. */
export function problem(
  status: number,
  code: string,
  retry: 'same-id' | 'later' | 'never',
  more: Readonly<Record<string, unknown>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: { type: `/errors/${code}`, title: `Title of ${code}`, status, code, retry, ...more },
  };
}
