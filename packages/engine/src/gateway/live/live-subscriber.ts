import type { PlayerIdentity } from '../../identity/player-token.ts';
import type { LiveMessage } from './live-message.ts';
import type { EventPosition } from './team-event-log.ts';

export type LiveEventName = 'standings' | 'team' | 'reset';

/** An open live connection, whatever carries it. */
export interface LiveConnection {
  /** `membersJson` is a JSON object with at least one member. Without a cursor there is nothing to resume from. */
  send(name: LiveEventName, cursor: string | undefined, membersJson: string): void;
  /** The same to many, without a cursor. */
  sendShared(message: LiveMessage): void;
  /** Bytes that wait for the client to read them. */
  backlogBytes(): number;
  /** Closes it and says why. */
  close(error: Error): void;
  /** Now and then: keeps the way open, and finds out when the other side has gone. */
  beat(): void;
}

/** Who listens on a connection, and how far they are. */
export interface LiveSubscriber {
  readonly connection: LiveConnection;
  readonly slug: string;
  /** Where to go on, as the client asked when it connected. */
  readonly resumeFrom: string | undefined;
  /** A spectator has none. */
  player: PlayerIdentity | undefined;
  partition: number;
  position: EventPosition | undefined;
  /** The client does not know `position` yet. */
  owesCursor: boolean;
  /** The newest it was sent. */
  standings: LiveMessage | undefined;
}
