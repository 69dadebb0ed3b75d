import { type Problem, problemMediaType, problemOf } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

const jsonMediaType = 'application/json; charset=utf-8';

/** What answers are written with: fastify's reply, or that of a request that fastify has not seen. */
export interface JsonReply {
  code(status: number): JsonReply;
  header(name: string, value: string): JsonReply;
  headers(values: Readonly<Record<string, string>>): JsonReply;
  /** Ends the answer. */
  send(text: string): unknown;
}

/** Sends JSON that is written already. */
export function sendJson(reply: JsonReply, status: number, json: string): void {
  reply.code(status).header('content-type', jsonMediaType).send(json);
}

/** Sends a problem document, with `Retry-After` when it is worth trying again. */
export function sendProblem(reply: JsonReply, problem: Problem): void {
  if (problem.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(problem.retryAfterSeconds));
  }
  reply
    .code(problem.status)
    .headers(securityHeaders)
    .header('content-type', problemMediaType)
    .send(JSON.stringify(problem));
}

export function sendError(reply: JsonReply, error: unknown): void {
  sendProblem(reply, problemOf(error));
}
