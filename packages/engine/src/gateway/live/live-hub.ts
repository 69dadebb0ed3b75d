import { type Id, partitionOf } from '@hunt/rules';
import type { Clock, EventView } from 'veltrix';
import { engineErrors } from '../../errors.ts';
import type { PlayerIdentity } from '../../identity/player-token.ts';
import type { DecisionVisitor } from '../decision-feed.ts';
import type { DirectoryHunt, HuntDirectory } from '../hunt-directory.ts';
import type { StandingsReader } from '../standings-reader.ts';
import type { LiveConnection, LiveEventName, LiveSubscriber } from './live-subscriber.ts';
import { teamEventMembers } from './team-event-json.ts';
import {
  cursorText,
  parseCursor,
  type TeamEvent,
  TeamEventLog,
  teamEventTypes,
} from './team-event-log.ts';

export interface LiveHubOptions {
  readonly clock: Clock;
  readonly directory: HuntDirectory;
  readonly standings: StandingsReader;
  readonly partitionCount: number;
  readonly config: {
    readonly liveConnectionsMax: number;
    readonly liveEventsPerPartition: number;
    readonly liveBacklogMaxBytes: number;
    readonly liveIntervalMs: number;
  };
  /** Standings could not be read; they are tried again at the next push. */
  readonly onError: (error: unknown) => void;
}

interface Channel {
  readonly subscribers: Set<LiveSubscriber>;
  pushedVersion: number;
  pushedStale: boolean;
}

const topRows = 10;
const beatIntervalMs = 15_000;

/**
 * Tells everybody who watches: a team of its own events at once, all of the standings at most every
 * `gateway.liveIntervalMs`. A connection that reads too slowly is closed, and may resume.
 */
export class LiveHub implements DecisionVisitor {
  readonly #options: LiveHubOptions;
  readonly #logs: TeamEventLog[];
  readonly #channels = new Map<string, Channel>();
  readonly #teams = new Map<number, Set<LiveSubscriber>>();
  #partition = 0;
  #offset = 0;
  #connections = 0;
  #cancelPush: (() => void) | undefined;
  #cancelBeat: (() => void) | undefined;
  /** Since the start. */
  readonly counts = { events: 0, dropped: 0 };

  constructor(options: LiveHubOptions) {
    this.#options = options;
    const { partitionCount, config } = options;
    this.#logs = Array.from(
      { length: partitionCount },
      () => new TeamEventLog(config.liveEventsPerPartition),
    );
  }

  get connections(): number {
    return this.#connections;
  }

  /** Begins with a snapshot of the standings. Throws `engine-live-too-many`. */
  subscribe(
    hunt: DirectoryHunt,
    connection: LiveConnection,
    resumeFrom: string | undefined,
  ): LiveSubscriber {
    this.checkRoom();
    const subscriber: LiveSubscriber = {
      connection,
      slug: hunt.slug,
      resumeFrom,
      player: undefined,
      partition: 0,
      position: undefined,
    };
    let channel = this.#channels.get(hunt.slug);
    if (channel === undefined) {
      channel = { subscribers: new Set(), ...this.#shownNow(hunt) };
      this.#channels.set(hunt.slug, channel);
    }
    channel.subscribers.add(subscriber);
    this.#connections += 1;
    this.#arm();
    void this.#snapshot(hunt, 'standings', [subscriber]);
    return subscriber;
  }

  /** Throws `engine-live-too-many`. */
  checkRoom(): void {
    const limit = this.#options.config.liveConnectionsMax;
    if (this.#connections >= limit) throw engineErrors.create('engine-live-too-many', { limit });
  }

  /** From now on the subscriber is told of the player's team, beginning with what it missed. */
  identify(subscriber: LiveSubscriber, hunt: DirectoryHunt, player: PlayerIdentity): void {
    if (subscriber.player !== undefined) return;
    const { team } = player;
    const { low, high } = hunt.id;
    subscriber.player = player;
    subscriber.partition = partitionOf(
      this.#options.partitionCount,
      low,
      high,
      team.low,
      team.high,
    );
    const key = teamKey(team);
    const ofTeam = this.#teams.get(key);
    if (ofTeam === undefined) this.#teams.set(key, new Set([subscriber]));
    else ofTeam.add(subscriber);
    this.#resume(subscriber, hunt, player);
  }

  #resume(subscriber: LiveSubscriber, hunt: DirectoryHunt, player: PlayerIdentity): void {
    const log = this.#logs[subscriber.partition]!;
    subscriber.position = log.last;
    if (subscriber.resumeFrom === undefined) return;
    const from = parseCursor(subscriber.resumeFrom);
    const missed = from && log.after(from, hunt.id, player.team);
    if (missed === undefined) void this.#snapshot(hunt, 'reset', [subscriber]);
    else for (const event of missed) this.#sendTeamEvent(subscriber, hunt, event);
  }

  unsubscribe(subscriber: LiveSubscriber): void {
    const channel = this.#channels.get(subscriber.slug);
    if (!channel?.subscribers.delete(subscriber)) return;
    this.#connections -= 1;
    if (channel.subscribers.size === 0) this.#channels.delete(subscriber.slug);
    const { player } = subscriber;
    if (player === undefined) return;
    const key = teamKey(player.team);
    const ofTeam = this.#teams.get(key);
    ofTeam?.delete(subscriber);
    if (ofTeam?.size === 0) this.#teams.delete(key);
  }

  record(partition: number, offset: number): void {
    this.#partition = partition;
    this.#offset = offset;
    this.#logs[partition]!.beginRecord(offset);
  }

  event(view: EventView, index: number): void {
    if (!teamEventTypes.has(view.type)) return;
    const event = this.#logs[this.#partition]!.append(this.#offset, index, view);
    const subscribers = this.#teams.get(teamKey(event.team));
    if (subscribers === undefined) return;
    for (const subscriber of subscribers) {
      const hunt = this.#options.directory.hunt(subscriber.slug);
      if (hunt.id.low === event.hunt.low && hunt.id.high === event.hunt.high) {
        this.#sendTeamEvent(subscriber, hunt, event);
      }
    }
  }

  #sendTeamEvent(subscriber: LiveSubscriber, hunt: DirectoryHunt, event: TeamEvent): void {
    subscriber.position = event;
    this.#send(subscriber, 'team', JSON.stringify(teamEventMembers(hunt, event)));
  }

  #send(subscriber: LiveSubscriber, name: LiveEventName, membersJson: string): void {
    const { connection, position } = subscriber;
    const bytes = connection.backlogBytes();
    const limit = this.#options.config.liveBacklogMaxBytes;
    if (bytes > limit) {
      this.counts.dropped += 1;
      this.unsubscribe(subscriber);
      connection.close(engineErrors.create('engine-live-too-slow', { bytes, limit }));
      return;
    }
    this.counts.events += 1;
    connection.send(name, position && cursorText(position), membersJson);
  }

  async #snapshot(
    hunt: DirectoryHunt,
    name: 'standings' | 'reset',
    subscribers: Iterable<LiveSubscriber>,
  ): Promise<void> {
    const { standings, onError } = this.#options;
    try {
      const json = await standings.top(hunt, topRows);
      for (const subscriber of subscribers) this.#send(subscriber, name, json);
    } catch (error) {
      onError(error);
    }
  }

  #arm(): void {
    const { clock, config } = this.#options;
    this.#cancelPush ??= clock.after(config.liveIntervalMs, () => {
      this.#cancelPush = undefined;
      if (this.#connections === 0) return;
      this.#push();
      this.#arm();
    });
    this.#cancelBeat ??= clock.after(beatIntervalMs, () => {
      this.#cancelBeat = undefined;
      for (const { subscribers } of this.#channels.values()) {
        for (const { connection } of subscribers) connection.beat();
      }
      if (this.#connections > 0) this.#arm();
    });
  }

  #push(): void {
    for (const [slug, channel] of this.#channels) {
      const hunt = this.#options.directory.hunt(slug);
      const shown = this.#shownNow(hunt);
      const { pushedVersion, pushedStale } = channel;
      if (shown.pushedVersion === pushedVersion && shown.pushedStale === pushedStale) continue;
      Object.assign(channel, shown);
      void this.#snapshot(hunt, 'standings', channel.subscribers);
    }
  }

  /** Also that standings are out of date, or no longer, is news. */
  #shownNow(hunt: DirectoryHunt): Pick<Channel, 'pushedVersion' | 'pushedStale'> {
    const { standings } = this.#options;
    const pushedStale = standings.staleSince() !== undefined;
    return { pushedVersion: standings.version(hunt), pushedStale };
  }

  /** Closes every connection and says why. */
  closeAll(error: Error): void {
    this.#cancelPush?.();
    this.#cancelBeat?.();
    for (const { subscribers } of [...this.#channels.values()]) {
      for (const subscriber of [...subscribers]) {
        this.unsubscribe(subscriber);
        subscriber.connection.close(error);
      }
    }
  }
}

/** 53 of the 64 bits of the team's id: enough to find it by, the rest is compared. */
function teamKey({ low, high }: Id): number {
  return (high >>> 0) * 0x20_0000 + (low >>> 11);
}
