import { createHmac } from 'node:crypto';
import { checkIdempotencyKey } from './command-id.ts';

/** What a join that can be repeated makes, and the id of the command that it sends. */
export interface JoinIds {
  /** 16 hexadecimal digits. */
  readonly playerId: string;
  /** Of the team that it founds, if it does: 16 hexadecimal digits. */
  readonly teamId: string;
  /** 16 bytes. */
  readonly commandId: Uint8Array;
}

/**
 * Derives what a join makes from its idempotency key, so that the same join makes the same again. Who
 * has the key can be that player: it is as secret as a token, and what is derived says nothing of it.
 */
export class JoinKeys {
  readonly #secret: Uint8Array;

  /** The same secret gives the same ids on every node and after a restart. */
  constructor(secret: Uint8Array) {
    this.#secret = createHmac('sha256', secret).update('join').digest();
  }

  /**
   * HMAC-SHA256 over the hunt's 16 digits and the key, cut into the ids. Throws
   * `engine-idempotency-key-invalid`.
   */
  idsOf(huntId: string, key: string): JoinIds {
    checkIdempotencyKey(key);
    const bytes = createHmac('sha256', this.#secret).update(huntId).update(key).digest();
    return {
      playerId: bytes.toString('hex', 0, 8),
      teamId: bytes.toString('hex', 8, 16),
      commandId: new Uint8Array(bytes.subarray(16)),
    };
  }
}
