import { type Id, partitionOf } from '@hunt/rules';
import type { Clock, EventView } from 'veltrix';
import type { Live } from 'veltrix/config';
import { engineErrors } from '../../errors.ts';
import type { PlayerIdentity } from '../../identity/player-token.ts';
import type { DecisionVisitor } from '../decision-feed.ts';
import type { DirectoryHunt, HuntDirectory } from '../hunt-directory.ts';
import type { StandingsReader } from '../standings-reader.ts';
import type { LiveMessage } from './live-message.ts';
import type { LiveConnection, LiveEventName, LiveSubscriber } from './live-subscriber.ts';
import { StandingsChannel } from './standings-channel.ts';
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
  readonly config: Live<{
    readonly liveConnectionsMax: number;
    readonly liveEventsPerPartition: number;
    readonly liveBacklogMaxBytes: number;
    readonly liveIntervalMs: number;
  }>;
  /** So many times `liveIntervalMs` lies between two pushes of the standings. */
  readonly pushFactor?: () => number;
  /** Standings could not be read; they are tried again at the next push. */
  readonly onError: (error: unknown) => void;
}

/** Standings are let wait for a connection that has this share of `liveBacklogMaxBytes` to read. */
const standingsShare = 1 / 4;
const beatIntervalMs = 15_000;

/**
 * Tells everybody who watches: a team of its own events at once, all of the standings at most every
 * `gateway.liveIntervalMs`. A connection that reads slowly gets only the newest standings; one that
 * reads too slowly for its own events, or not at all, is closed, and may resume.
 */
export class LiveHub implements DecisionVisitor {
  readonly #options: LiveHubOptions;
  readonly #logs: TeamEventLog[];
  /** By the hunt's name. */
  readonly #channels = new Map<string, StandingsChannel>();
  readonly #channelsByHunt = new Map<number, StandingsChannel>();
  readonly #teams = new Map<number, Set<LiveSubscriber>>();
  #partition = 0;
  #offset = 0;
  #connections = 0;
  #cancelLook: (() => void) | undefined;
  #cancelBeat: (() => void) | undefined;
  /** Since the start. */
  readonly counts = { events: 0, dropped: 0 };

  constructor(options: LiveHubOptions) {
    this.#options = options;
    const { partitionCount, config } = options;
    this.#logs = Array.from(
      { length: partitionCount },
      () => new TeamEventLog(config.current.liveEventsPerPartition),
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
      owesCursor: false,
      standings: undefined,
    };
    const channel = this.#channels.get(hunt.slug) ?? this.#open(hunt);
    channel.subscribers.add(subscriber);
    this.#connections += 1;
    this.#arm();
    void channel.welcome(subscriber);
    return subscriber;
  }

  get #intervalMs(): number {
    const { config, pushFactor } = this.#options;
    return config.current.liveIntervalMs * (pushFactor?.() ?? 1);
  }

  #open({ slug, id }: DirectoryHunt): StandingsChannel {
    const { clock, standings, directory, onError } = this.#options;
    const channel = new StandingsChannel({
      ...{ clock, standings, onError },
      intervalMs: () => this.#intervalMs,
      hunt: () => directory.hunt(slug),
      send: (subscriber, message) => this.#sendStandings(subscriber, message),
    });
    this.#channels.set(slug, channel);
    this.#channelsByHunt.set(idKey(id), channel);
    return channel;
  }

  /** Throws `engine-live-too-many`. */
  checkRoom(): void {
    const limit = this.#options.config.current.liveConnectionsMax;
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
    const key = idKey(team);
    const ofTeam = this.#teams.get(key);
    if (ofTeam === undefined) this.#teams.set(key, new Set([subscriber]));
    else ofTeam.add(subscriber);
    this.#resume(subscriber, hunt, player);
  }

  #resume(subscriber: LiveSubscriber, hunt: DirectoryHunt, player: PlayerIdentity): void {
    const log = this.#logs[subscriber.partition]!;
    subscriber.position = log.last;
    subscriber.owesCursor = true;
    if (subscriber.resumeFrom === undefined) return;
    const from = parseCursor(subscriber.resumeFrom);
    const missed = from && log.after(from, hunt.id, player.team);
    if (missed === undefined) void this.#reset(subscriber);
    else for (const event of missed) this.#sendTeamEvent(subscriber, hunt, event);
  }

  async #reset(subscriber: LiveSubscriber): Promise<void> {
    const channel = this.#channels.get(subscriber.slug);
    const json = await channel?.json();
    if (json !== undefined && channel?.subscribers.has(subscriber)) {
      this.#send(subscriber, 'reset', json);
    }
  }

  unsubscribe(subscriber: LiveSubscriber): void {
    const { slug, player } = subscriber;
    const channel = this.#channels.get(slug);
    if (!channel?.subscribers.has(subscriber)) return;
    channel.leave(subscriber);
    this.#connections -= 1;
    if (channel.subscribers.size === 0) {
      this.#channels.delete(slug);
      this.#channelsByHunt.delete(idKey(this.#options.directory.hunt(slug).id));
    }
    if (player === undefined) return;
    const key = idKey(player.team);
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
    this.#channelsByHunt.get(idKey(event.hunt))?.hint();
    const subscribers = this.#teams.get(idKey(event.team));
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
    if (!this.#hasRoom(subscriber)) return;
    const { connection, position } = subscriber;
    this.counts.events += 1;
    subscriber.owesCursor = false;
    connection.send(name, position && cursorText(position), membersJson);
  }

  #sendStandings(subscriber: LiveSubscriber, message: LiveMessage): boolean {
    const { connection, owesCursor } = subscriber;
    if (!this.#hasRoom(subscriber)) return false;
    if (connection.backlogBytes() > this.#standingsMaxBytes) return false;
    if (owesCursor) this.#send(subscriber, message.name, message.membersJson);
    else {
      this.counts.events += 1;
      connection.sendShared(message);
    }
    return true;
  }

  get #standingsMaxBytes(): number {
    return this.#options.config.current.liveBacklogMaxBytes * standingsShare;
  }

  /** Closes a connection that has none. */
  #hasRoom(subscriber: LiveSubscriber): boolean {
    const limit = this.#options.config.current.liveBacklogMaxBytes;
    if (subscriber.connection.backlogBytes() <= limit) return true;
    this.#drop(subscriber, limit);
    return false;
  }

  #drop(subscriber: LiveSubscriber, limit: number): void {
    const { connection } = subscriber;
    const bytes = connection.backlogBytes();
    this.counts.dropped += 1;
    this.unsubscribe(subscriber);
    connection.close(engineErrors.create('engine-live-too-slow', { bytes, limit }));
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#cancelLook ??= clock.after(this.#intervalMs, () => {
      this.#cancelLook = undefined;
      for (const channel of [...this.#channels.values()]) channel.look();
      if (this.#connections > 0) this.#arm();
    });
    this.#cancelBeat ??= clock.after(beatIntervalMs, () => {
      this.#cancelBeat = undefined;
      for (const channel of [...this.#channels.values()]) this.#beat(channel);
      if (this.#connections > 0) this.#arm();
    });
  }

  #beat(channel: StandingsChannel): void {
    channel.beat((subscriber) => this.#drop(subscriber, this.#standingsMaxBytes));
    for (const { connection } of channel.subscribers) connection.beat();
  }

  /** Closes every connection and says why. */
  closeAll(error: Error): void {
    this.#cancelLook?.();
    this.#cancelBeat?.();
    for (const { subscribers } of [...this.#channels.values()]) {
      for (const subscriber of [...subscribers]) {
        this.unsubscribe(subscriber);
        subscriber.connection.close(error);
      }
    }
  }
}

/** 53 of the 64 bits of an id: enough to find it by, the rest is compared where it matters. */
function idKey({ low, high }: Id): number {
  return (high >>> 0) * 0x20_0000 + (low >>> 11);
}
