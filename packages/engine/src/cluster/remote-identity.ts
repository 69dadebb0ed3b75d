import { CodedError } from 'veltrix';
import { CircuitBreaker } from 'veltrix/cluster';
import { engineErrors } from '../errors.ts';
import type {
  Founder,
  Identity,
  Made,
  PlayerRecord,
  Scope,
  TeamRecord,
} from '../identity/identity.ts';
import type { InternalClient } from './internal-client.ts';
import type { InternalHandler } from './internal-server.ts';
import { isNodeTlsFault } from './node-connections.ts';
import { isOwnFault } from './peer-calls.ts';

const calls = [
  'teamNamed',
  'teamsNamed',
  'teamByJoinCode',
  'createSoloPlayer',
  'createPlayer',
  'teamNames',
  'erasePlayer',
  'organiserScopes',
] as const satisfies readonly (keyof Identity)[];
type Call = (typeof calls)[number];

interface Question {
  readonly call: Call;
  readonly values: readonly unknown[];
}

/** Answers for an identity that is kept here. */
export function identityHandler(identity: Identity): InternalHandler {
  return async (question) => {
    const { call, values } = question as Question;
    if (!calls.includes(call) || !Array.isArray(values)) throw new Error('no such call');
    const method = identity[call] as (...values: unknown[]) => Promise<unknown>;
    const answer = await method.apply(identity, values);
    return answer instanceof Map ? [...answer] : answer;
  };
}

/**
 * Who people are, kept by one node of the cluster and asked for by the others. While that node is
 * away, whatever needs it throws `engine-cluster-identity-unavailable`, and once that is known, at
 * once; commands do not.
 */
export class RemoteIdentity implements Identity {
  readonly #client: Pick<InternalClient, 'call'>;
  readonly #address: string;
  readonly #breaker = new CircuitBreaker();

  /** @param address of the node that keeps it */
  constructor(client: Pick<InternalClient, 'call'>, address: string) {
    this.#client = client;
    this.#address = address;
  }

  async #ask<Answer>(call: Call, ...values: readonly unknown[]): Promise<Answer> {
    const question: Question = { call, values };
    const waitMs = this.#breaker.waitMs(performance.now());
    if (!this.#breaker.enter(performance.now())) {
      throw this.#unavailable(`it is asked again in ${Math.ceil(waitMs)} ms`);
    }
    try {
      const answer = await this.#client.call(this.#address, 'identity', question);
      this.#breaker.succeeded();
      return answer as Answer;
    } catch (error) {
      if (error instanceof CodedError && !isNodeTlsFault(error)) {
        if (isOwnFault(error)) this.#breaker.abandoned();
        else this.#breaker.succeeded();
        throw error;
      }
      this.#breaker.failed(performance.now());
      throw this.#unavailable((error as Error).message, error);
    }
  }

  /** Whether the node is asked: it is left alone for a while after it did not answer. */
  get isUp(): boolean {
    return !this.#breaker.isOpen;
  }

  #unavailable(reason: string, cause?: unknown): CodedError {
    const details = { address: this.#address, reason };
    return engineErrors.create('engine-cluster-identity-unavailable', details, { cause });
  }

  teamNamed(huntId: string, name: string, founder?: Founder): Promise<Made<TeamRecord>> {
    return this.#ask('teamNamed', huntId, name, ...given(founder));
  }

  teamsNamed(huntId: string, names: readonly string[]): Promise<readonly TeamRecord[]> {
    return this.#ask('teamsNamed', huntId, names);
  }

  teamByJoinCode(huntId: string, joinCode: string): Promise<TeamRecord | undefined> {
    return this.#ask('teamByJoinCode', huntId, joinCode);
  }

  createSoloPlayer(huntId: string, name: string, playerId?: string): Promise<Made<PlayerRecord>> {
    return this.#ask('createSoloPlayer', huntId, name, ...given(playerId));
  }

  createPlayer(
    huntId: string,
    name: string,
    teamId: string,
    playerId?: string,
  ): Promise<Made<PlayerRecord>> {
    return this.#ask('createPlayer', huntId, name, teamId, ...given(playerId));
  }

  async teamNames(
    huntId: string,
    teamIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    return new Map(await this.#ask<[string, string][]>('teamNames', huntId, teamIds));
  }

  erasePlayer(huntId: string, playerId: string): Promise<boolean> {
    return this.#ask('erasePlayer', huntId, playerId);
  }

  /** Keys are made where the identity is kept. */
  createOrganiserKey(): Promise<string> {
    return Promise.reject(this.#unavailable('keys are made on that node'));
  }

  organiserScopes(key: string): Promise<readonly Scope[] | undefined> {
    return this.#ask('organiserScopes', key);
  }

  async close(): Promise<void> {}
}

/** What is left out must arrive as left out: JSON makes null of it. */
function given<Value>(value: Value | undefined): readonly Value[] {
  return value === undefined ? [] : [value];
}
