// @ts-check

/** Whatever the server refuses. `code` is the stable error id; empty when no answer came. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {Record<string, any>} members of the problem document
   */
  constructor(status, members) {
    super(members['detail'] ?? members['title'] ?? '');
    this.status = status;
    this.members = members;
    this.code = String(members['code'] ?? '');
  }

  /** Whether asking again, with the same key, may help. What a rule decided stays decided. */
  get passing() {
    if (this.members['commandId'] !== undefined) return false;
    // What is not there may come, but nobody should look at an empty page until then.
    if (this.status === 404) return false;
    // Nothing stopped comes back within seconds.
    if (this.code === 'veltrix-partition-stopped') return false;
    return this.code === ''
      ? this.status === 0 || this.status >= 500
      : this.members['retry'] !== 'never';
  }
}

const attemptsMax = 6;

/**
 * Calls the API. Reading, and what is sent with its key, is tried again for some seconds.
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {{ token?: string | undefined, body?: object, key?: string }} [options] a new key unless one is given
 * @returns {Promise<any>}
 */
export async function call(method, path, { token, body, key = newKey() } = {}) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method === 'POST') headers['idempotency-key'] = key;
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(path, init);
    } catch (error) {
      if (!(error instanceof Problem) || !error.passing || attempt === attemptsMax) throw error;
      const asked = Number(error.members['retryAfterSeconds'] ?? 0);
      if (asked > 10) throw error;
      await pause(asked * 1_000 + Math.random() * 250 * 2 ** attempt);
    }
  }
}

/**
 * @param {string} hunt
 * @param {string} [rest]
 */
export function huntPath(hunt, rest = '') {
  return `/v1/hunts/${encodeURIComponent(hunt)}${rest}`;
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function ask(path, init) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(15_000) });
  } catch {
    throw new Problem(0, {});
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, answer);
  return answer;
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** 128 random bits; `randomUUID` is missing on pages without TLS. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
