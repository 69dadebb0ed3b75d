import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Id } from '@hunt/rules';
import { engineErrors } from '../errors.ts';
import type { Identity, Scope } from '../identity/identity.ts';
import type { PlayerIdentity, PlayerTokens } from '../identity/player-token.ts';
import type { DirectoryHunt } from './hunt-directory.ts';

/** Organiser keys begin with this, so that they are told from player tokens at a glance. */
const organiserPrefix = 'hok_';

interface Asking {
  readonly headers: IncomingHttpHeaders;
}

/** Says who asks. */
export class Access {
  readonly #tokens: PlayerTokens;
  readonly #identity: Identity;

  constructor(tokens: PlayerTokens, identity: Identity) {
    this.#tokens = tokens;
    this.#identity = identity;
  }

  /**
   * The player who asks about this hunt. Throws `engine-token-missing`, `engine-token-invalid`,
   * `engine-token-expired`, `engine-token-foreign`.
   */
  player(request: Asking, hunt: DirectoryHunt): PlayerIdentity {
    return this.playerOf(bearer(request), hunt);
  }

  playerOf(token: string, hunt: DirectoryHunt): PlayerIdentity {
    return this.#tokens.verify(token, hunt.id);
  }

  isOrganiser(request: Asking): boolean {
    return bearer(request).startsWith(organiserPrefix);
  }

  /**
   * An id for the organiser's key, when it may do this. Throws `engine-token-missing`,
   * `engine-key-invalid`, `engine-scope-missing`.
   */
  async organiser(request: Asking, scope: Scope): Promise<Id> {
    const key = bearer(request);
    const scopes = key.startsWith(organiserPrefix)
      ? await this.#identity.organiserScopes(key)
      : undefined;
    if (scopes === undefined) throw engineErrors.create('engine-key-invalid');
    if (!scopes.includes(scope)) throw engineErrors.create('engine-scope-missing', { scope });
    const digest = createHash('sha256').update(key).digest();
    return { low: digest.readInt32LE(0), high: digest.readInt32LE(4) };
  }
}

function bearer({ headers }: Asking): string {
  const { authorization } = headers;
  if (authorization === undefined || !/^bearer /i.test(authorization)) {
    throw engineErrors.create('engine-token-missing');
  }
  return authorization.slice(7);
}
