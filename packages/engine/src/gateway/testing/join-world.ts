import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventType, idToHex, publishHunt, subject } from '@hunt/rules';
import { fixedConfig } from 'veltrix/config';
import { engineErrors } from '../../errors.ts';
import type { Identity } from '../../identity/identity.ts';
import { SqliteIdentity } from '../../identity/sqlite/sqlite-identity.ts';
import type { CommandPort } from '../../processor/command-port.ts';
import { CommandBatcher } from '../command-batcher.ts';
import { DecisionFeed } from '../decision-feed.ts';
import { DirectoryHunt } from '../hunt-directory.ts';
import { JoinKeys } from '../join-keys.ts';
import { PlayerJoins } from '../player-joins.ts';
import { TeamRegistrar } from '../team-registrar.ts';
import { FoldingPort } from './folding-port.ts';
import { gatewayConfig } from './gateway-config.ts';
import { ManualClock } from './manual-clock.ts';
import { compiled, publishForTest, testSecret } from './test-hunt.ts';

/**
 * What goes wrong at one step of a join: it is not done, it is done and nobody hears of it, or what it
 * sends to other partitions is late.
 */
export type JoinFault = 'none' | 'undone' | 'unheard' | 'late';

const partitionCount = 3;
const waitMaxMs = 5_000;
/** Turns without an answer after which time goes on. */
const idleTurns = 8;
const turnsMax = 10_000;

const kinds: ReadonlyMap<number, string> = new Map([
  [eventType.teamRegistered, 'registered'],
  [eventType.memberAdded, 'added'],
  [eventType.playerJoined, 'joined'],
]);

/** Gateways that may fail at every step, in front of real processors and a real identity, on one clock. */
export class JoinWorld {
  readonly #clock = new ManualClock();
  readonly hunt: DirectoryHunt;
  readonly identity: SqliteIdentity;
  /** What became of teams and players by the log, as `kind team player`. */
  readonly happened: string[] = [];
  /** Steps taken so far by gateways with faults. */
  steps = 0;
  readonly #port = new FoldingPort(this.#clock, partitionCount);
  readonly #directory = mkdtempSync(join(tmpdir(), 'join-world-'));

  constructor(source: string) {
    publishForTest(this.#port, this.#clock, source);
    this.hunt = new DirectoryHunt(publishHunt(compiled(source), testSecret));
    this.identity = new SqliteIdentity({ path: this.#path });
    const feed = new DecisionFeed(this.#port);
    feed.add({
      event: ({ type, view, payloadStart: at }) => {
        const kind = kinds.get(type);
        if (kind === undefined) return;
        const team = idToHex(subject.teamLow(view, at), subject.teamHigh(view, at));
        const player = idToHex(subject.playerLow(view, at), subject.playerHigh(view, at));
        this.happened.push(`${kind} ${team} ${player}`);
      },
    });
  }

  get #path(): string {
    return join(this.#directory, 'identity.db');
  }

  async close(): Promise<void> {
    this.#port.close();
    await this.identity.close();
    rmSync(this.#directory, { recursive: true });
  }

  /** A gateway that was just started; its steps fail as planned, and those after the plan work. */
  gateway(...plan: readonly JoinFault[]): PlayerJoins {
    this.#port.loseMessages(false);
    const faults = [...plan];
    const next = () => {
      this.steps += 1;
      return faults.shift() ?? 'none';
    };
    const clock = this.#clock;
    const port = faultyPort(this.#port, next);
    const config = fixedConfig(gatewayConfig({ waitMaxMs, recentOutcomes: 1_000 }));
    const onListenerError = (error: unknown) => {
      throw error;
    };
    const feed = new DecisionFeed(port);
    const batcher = new CommandBatcher({ port, feed, clock, config, onListenerError });
    const identity = faultyIdentity(this.identity, next);
    const registrar = new TeamRegistrar(batcher, identity, clock, partitionCount, 100);
    return new PlayerJoins(identity, registrar, new JoinKeys(testSecret));
  }

  /** Lets the world go on until the answer is there. */
  async settle<Answer>(promise: Promise<Answer>): Promise<Answer> {
    let isSettled = false;
    const done = () => {
      isSettled = true;
    };
    promise.then(done, done);
    for (let turn = 1; !isSettled; turn++) {
      if (turn > turnsMax) throw new Error(`no answer in ${turnsMax} turns`);
      this.#clock.turn();
      await nextTurn();
      if (turn % idleTurns === 0) this.#clock.advance(waitMaxMs / 10);
    }
    return promise;
  }

  /** Lets everything that is on its way arrive. */
  rest(): void {
    this.#port.loseMessages(false);
    this.#clock.advance(10 * waitMaxMs);
  }

  /** Everybody in the tables, as `player team name` and `team name`. */
  people(): { readonly players: readonly string[]; readonly teams: readonly string[] } {
    const database = new DatabaseSync(this.#path, { readOnly: true });
    const texts = (query: string) =>
      database
        .prepare(query)
        .all()
        .map((row) => Object.values(row).join(' '));
    const players = texts('SELECT player_id, team_id, name FROM players ORDER BY 1');
    const teams = texts('SELECT team_id, name FROM teams ORDER BY 1');
    database.close();
    return { players, teams };
  }
}

function faultyIdentity(identity: Identity, next: () => JoinFault): Identity {
  const failed = () => {
    const details = { file: 'people', reason: 'the test wants it' };
    return engineErrors.create('engine-store-failed', details);
  };
  return new Proxy(identity, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...values: unknown[]) => Promise<unknown>;
      return async (...values: unknown[]) => {
        const fault = next();
        if (fault === 'undone') throw failed();
        const answer = await method.apply(target, values);
        if (fault === 'unheard') throw failed();
        return answer;
      };
    },
  });
}

/** Once something was not heard, nothing is heard any more: the gateway is as good as gone. */
function faultyPort(port: FoldingPort, next: () => JoinFault) {
  const refused: ((partition: number, batch: number, error: Error) => void)[] = [];
  let isDeaf = false;
  const faulty: CommandPort & Pick<FoldingPort, 'onDecided'> = {
    partitionCount: port.partitionCount,
    send: (partition, record) => {
      const fault = next();
      if (fault === 'undone') {
        const batch = new DataView(record.buffer, record.byteOffset).getUint32(12, true);
        for (const listener of refused)
          listener(partition, batch, engineErrors.create('engine-not-ready'));
        return 0;
      }
      if (fault === 'unheard') isDeaf = true;
      if (fault === 'late') port.loseMessages();
      return port.send(partition, record);
    },
    withdraw: (partition, ticket) => port.withdraw(partition, ticket),
    onRefused: (listener) => refused.push(listener),
    onStopped: () => {},
    onDecided: (listener) => {
      port.onDecided((...record) => {
        if (!isDeaf) listener(...record);
      });
    },
    hunts: () => port.hunts(),
    team: (huntId, teamId) => port.team(huntId, teamId),
    treasures: (huntId) => port.treasures(huntId),
  };
  return faulty;
}
