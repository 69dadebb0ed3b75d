import { Agent, request } from 'node:http';

/** Who sends from where the line is bad. */
export interface SlowUpload {
  /** `http://host:port`. */
  readonly url: string;
  readonly token: string;
  /** So long the answer is waited for, as the request says. */
  readonly timeoutMs: number;
  /** So much later than its headers the body of a command comes. */
  readonly stalledMs: number;
}

/** Sends a command whose body comes late. Resolves with the status of the answer. */
export function uploadSlowly({ url, token, timeoutMs, stalledMs }: SlowUpload): Promise<number> {
  const body = JSON.stringify({ type: 'submit-answer', step: 'gate', answer: 'no idea' });
  return new Promise((resolve, reject) => {
    const sending = request(
      new URL('/v1/hunts/city-lights/commands', url),
      {
        // Its own connection each time: none has to wait for another one.
        agent: new Agent(),
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'hunt-timeout-ms': timeoutMs,
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sending.once('error', reject);
    sending.flushHeaders();
    setTimeout(() => sending.end(body), stalledMs);
  });
}
