import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Id, idToHex } from '@hunt/rules';
import type { Clock } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { RecentMap } from './recent-map.ts';

/*
 * A player token says who somebody is, signed, so that no request asks a database:
 *
 *   "p1." and the base64url of 44 bytes: hunt u64 | team u64 | player u64 | expires u32, seconds since
 *   the epoch | the first 16 bytes of the HMAC-SHA256 over the 28 bytes before. Numbers little endian.
 */
const prefix = 'p1.';
const payloadBytes = 28;
const macBytes = 16;
/** 59 signs; the last carries 4 bits, so only these 16 signs are canonical. */
const form = /^p1\.[A-Za-z0-9_-]{58}[AEIMQUYcgkosw048]$/;

export interface PlayerTokenContent {
  readonly hunt: Id;
  readonly team: Id;
  readonly player: Id;
  /** Milliseconds since the epoch; kept as whole seconds, rounded down. */
  readonly expiresAt: number;
}

/** Who a token speaks for. One object per token, reused: do not change it. */
export interface PlayerIdentity extends PlayerTokenContent {
  /** The ids as 16 hexadecimal digits. */
  readonly huntId: string;
  readonly teamId: string;
  readonly playerId: string;
}

export interface PlayerTokensOptions {
  /** 32 bytes that nobody else has; see `DeploymentSecret`. */
  readonly key: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
  /** How many checked tokens are remembered; one costs about 400 bytes. Default 200,000. */
  readonly cacheMaxTokens?: number;
}

/** Makes a token. */
export function signPlayerToken(key: Uint8Array, content: PlayerTokenContent): string {
  const bytes = Buffer.alloc(payloadBytes + macBytes);
  for (const [index, id] of [content.hunt, content.team, content.player].entries()) {
    bytes.writeInt32LE(id.low, index * 8);
    bytes.writeInt32LE(id.high, index * 8 + 4);
  }
  // Of a hunt that closes later than four bytes of seconds can say, in 2106, tokens end before it does.
  bytes.writeUInt32LE(Math.min(Math.floor(content.expiresAt / 1000), 0xffff_ffff), 24);
  bytes.set(macOf(key, bytes), payloadBytes);
  return prefix + bytes.toString('base64url');
}

/** Checks tokens; one that was checked before costs a map look-up and a glance at the clock. */
export class PlayerTokens {
  readonly #key: Uint8Array;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #checked: RecentMap<PlayerIdentity>;

  constructor(options: PlayerTokensOptions) {
    this.#key = options.key;
    this.#clock = options.clock;
    this.#checked = new RecentMap(options.cacheMaxTokens ?? 200_000);
  }

  sign(content: PlayerTokenContent): string {
    return signPlayerToken(this.#key, content);
  }

  /**
   * Throws `engine-token-invalid`, `engine-token-expired` and, when a hunt is given and the token is
   * of another one, `engine-token-foreign`.
   */
  verify(token: string, hunt?: Id): PlayerIdentity {
    const identity = this.#checked.get(token) ?? this.#check(token);
    if (identity.expiresAt <= this.#clock.now()) throw engineErrors.create('engine-token-expired');
    if (hunt && (identity.hunt.low !== hunt.low || identity.hunt.high !== hunt.high)) {
      throw engineErrors.create('engine-token-foreign');
    }
    return identity;
  }

  /** Only good tokens are remembered, so a flood of forged ones pushes nobody out. */
  #check(token: string): PlayerIdentity {
    if (!form.test(token)) throw engineErrors.create('engine-token-invalid');
    const bytes = Buffer.from(token.slice(prefix.length), 'base64url');
    if (!timingSafeEqual(bytes.subarray(payloadBytes), macOf(this.#key, bytes))) {
      throw engineErrors.create('engine-token-invalid');
    }
    const identity = identityIn(bytes);
    this.#checked.set(token, identity);
    return identity;
  }
}

function identityIn(bytes: Buffer): PlayerIdentity {
  const id = (at: number): Id => ({ low: bytes.readInt32LE(at), high: bytes.readInt32LE(at + 4) });
  const [hunt, team, player] = [id(0), id(8), id(16)];
  return {
    hunt,
    team,
    player,
    expiresAt: bytes.readUInt32LE(24) * 1000,
    huntId: idToHex(hunt.low, hunt.high),
    teamId: idToHex(team.low, team.high),
    playerId: idToHex(player.low, player.high),
  };
}

function macOf(key: Uint8Array, bytes: Buffer): Buffer {
  const mac = createHmac('sha256', key).update(bytes.subarray(0, payloadBytes)).digest();
  return mac.subarray(0, macBytes);
}
