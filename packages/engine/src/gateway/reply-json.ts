import type { FastifyReply } from 'fastify';
import { type Problem, problemMediaType, problemOf } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

const jsonMediaType = 'application/json; charset=utf-8';

/** Sends JSON that is written already. */
export function sendJson(reply: FastifyReply, status: number, json: string): void {
  reply.code(status).header('content-type', jsonMediaType).send(json);
}

/** Sends a problem document, with `Retry-After` when it is worth trying again. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  if (problem.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(problem.retryAfterSeconds));
  }
  reply
    .code(problem.status)
    .headers(securityHeaders)
    .header('content-type', problemMediaType)
    .send(JSON.stringify(problem));
}

export function sendError(reply: FastifyReply, error: unknown): void {
  sendProblem(reply, problemOf(error));
}
