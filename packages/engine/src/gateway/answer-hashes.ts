import { answerHash, normalizeAnswer } from '@hunt/rules';
import { engineErrors } from '../errors.ts';
import { RecentMap } from '../identity/recent-map.ts';
import type { DirectoryHunt } from './hunt-directory.ts';

/** Longer answers are rare, and would let a few players fill the memory. */
const cachedMaxLength = 64;

/** Hashes answers as they were typed. Crowds send the same few, so that most are looked up. */
export class AnswerHashes {
  readonly #secret: Uint8Array;
  readonly #hashes: RecentMap<Uint8Array>;

  constructor(secret: Uint8Array, cacheMax: number) {
    this.#secret = secret;
    this.#hashes = new RecentMap(cacheMax);
  }

  /** 16 bytes, not to be changed. Throws `engine-answer-invalid`. */
  hash(hunt: DirectoryHunt, answer: string): Uint8Array {
    if (answer.length > cachedMaxLength) return this.#compute(hunt, answer);
    const key = `${hunt.slug} ${answer}`;
    const known = this.#hashes.get(key);
    if (known !== undefined) return known;
    const hash = this.#compute(hunt, answer);
    this.#hashes.set(key, hash);
    return hash;
  }

  #compute(hunt: DirectoryHunt, answer: string): Uint8Array {
    const normalized = normalizeAnswer(answer);
    if (normalized === undefined) throw engineErrors.create('engine-answer-invalid');
    return answerHash(this.#secret, hunt.slug, normalized);
  }
}
