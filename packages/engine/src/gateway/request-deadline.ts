import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Deadline } from 'veltrix/resilience';
import { engineErrors } from '../errors.ts';

/** How long whoever asks waits for the answer, in ms from when it was asked; between nodes what is left of it. */
export const timeoutHeader = 'hunt-timeout-ms';

/** What the API says of it, and what is held against it: routes check no headers by themselves. */
export const timeoutHeaderSchema = {
  type: 'string',
  pattern: '^[1-9][0-9]{0,8}$',
  description:
    'Milliseconds, from 1, for which the answer is waited for. What is not begun by then is not done, as far as it can be taken back: engine-deadline-passed.',
};

const wholeMilliseconds = new RegExp(timeoutHeaderSchema.pattern);

/** What a request says, and when it came, as `performance.now` tells it: its headers were there, its body perhaps not. */
export interface Arrived {
  readonly headers: IncomingHttpHeaders;
  readonly arrivedAt: number;
}

declare module 'fastify' {
  interface FastifyRequest extends Arrived {
    arrivedAt: number;
  }
}

/** Notes when each request came; for `deadlineOf`. Before routes are registered. */
export function stampArrivals(app: FastifyInstance): void {
  app.decorateRequest('arrivedAt', 0);
  app.addHook('onRequest', (request, _reply, done) => {
    request.arrivedAt = performance.now();
    done();
  });
}

/**
 * Until when the answer is of use: as the client says, and `gateway.deadlineMaxMs` at most, from when the
 * headers came. Throws `engine-request-invalid` for a header that is no such number.
 */
export function deadlineOf({ headers, arrivedAt }: Arrived, mostMs: number): Deadline {
  return Deadline.after(Math.min(mostMs, statedTimeoutMs(headers) ?? mostMs), arrivedAt);
}

function statedTimeoutMs(headers: IncomingHttpHeaders): number | undefined {
  const stated = headers[timeoutHeader];
  if (stated === undefined) return undefined;
  if (typeof stated === 'string' && wholeMilliseconds.test(stated)) return Number(stated);
  const reason = 'must be a whole number of milliseconds, from 1';
  throw engineErrors.create('engine-request-invalid', { where: timeoutHeader, reason });
}
