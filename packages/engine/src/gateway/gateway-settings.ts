import { engineErrors } from '../errors.ts';

/** A setting of the gateway: `gateway.<key>` in files, variables and flags. */
interface GatewaySetting {
  readonly default: number;
  readonly least: number;
  readonly most: number;
  readonly text: string;
}

/** Every setting of the gateway, all whole numbers. */
export const gatewaySettings = {
  inflightMaxCommands: {
    default: 20_000,
    least: 1,
    most: 10_000_000,
    text: 'Commands that may wait for their decision before new ones are turned away.',
  },
  inflightMaxBytes: {
    default: 16_777_216,
    least: 1,
    most: 1_073_741_824,
    text: 'Bytes of commands that may wait for their decision before new ones are turned away.',
  },
  admissionTargetMs: {
    default: 8,
    least: 1,
    most: 10_000,
    text: 'When single commands have waited longer than this for half a second, only as many are let in as are decided in that time, in milliseconds.',
  },
  refusalsPerSecond: {
    default: 1_000,
    least: 1,
    most: 1_000_000,
    text: 'Commands turned away for lack of room that are told so per second; the others hear of it a little later.',
  },
  refusalWaitMaxMs: {
    default: 2_000,
    least: 1,
    most: 10_000,
    text: 'How long a command that is turned away waits to be told so, in milliseconds.',
  },
  recordMaxBytes: {
    default: 262_144,
    least: 1,
    most: 1_048_576,
    text: 'Bytes of commands that go to a partition as one record, at most 1 MiB.',
  },
  waitMaxMs: {
    default: 5_000,
    least: 1,
    most: 60_000,
    text: 'How long a request waits for an outcome before it is answered 202, in milliseconds.',
  },
  recentOutcomes: {
    default: 65_536,
    least: 1,
    most: 16_777_216,
    text: 'Latest outcomes that can be asked for before the archive has them, 32 bytes each.',
  },
  playerRatePerSecond: {
    default: 10,
    least: 1,
    most: 1_000_000_000,
    text: 'Commands per second of one player, on average.',
  },
  playerBurst: {
    default: 30,
    least: 1,
    most: 1_000_000_000,
    text: 'Commands of one player at once.',
  },
  joinRatePerSecond: {
    default: 50,
    least: 1,
    most: 1_000_000_000,
    text: 'Joins per second from one address, on average; a whole school may be behind one.',
  },
  joinBurst: {
    default: 500,
    least: 1,
    most: 1_000_000_000,
    text: 'Joins from one address at once.',
  },
  rateBucketsMax: {
    default: 200_000,
    least: 1,
    most: 10_000_000,
    text: 'Players and addresses whose rates are remembered; the longest idle are forgotten.',
  },
  answerCacheMax: {
    default: 50_000,
    least: 1,
    most: 10_000_000,
    text: 'Hashes of answers that are remembered, because crowds send the same ones.',
  },
  teamCacheMax: {
    default: 100_000,
    least: 1,
    most: 10_000_000,
    text: 'Teams named by recording clients that are remembered as registered.',
  },
  connectionsMax: {
    default: 50_000,
    least: 1,
    most: 1_000_000,
    text: 'Open connections; fewer where the file descriptors of the process do not allow so many.',
  },
  requestTimeoutMs: {
    default: 15_000,
    least: 1,
    most: 600_000,
    text: 'How long headers and body of a request may take to arrive, in milliseconds.',
  },
  keepAliveMs: {
    default: 72_000,
    least: 1,
    most: 3_600_000,
    text: 'How long an idle connection stays open, in milliseconds.',
  },
  liveConnectionsMax: {
    default: 20_000,
    least: 1,
    most: 1_000_000,
    text: 'Open live connections.',
  },
  liveEventsPerPartition: {
    default: 16_384,
    least: 1,
    most: 16_777_216,
    text: 'Team events of each partition that a live connection can be resumed from.',
  },
  liveBacklogMaxBytes: {
    default: 262_144,
    least: 1,
    most: 1_073_741_824,
    text: 'Bytes that may wait to be read on a live connection before it is closed.',
  },
  liveIntervalMs: {
    default: 250,
    least: 1,
    most: 60_000,
    text: 'Least time between two pushes of the standings, in milliseconds.',
  },
  socketInflightMax: {
    default: 1_024,
    least: 1,
    most: 1_000_000,
    text: 'Unanswered commands on a WebSocket before it is read no further.',
  },
} as const satisfies Record<string, GatewaySetting>;

export type GatewayConfig = { readonly [Key in keyof typeof gatewaySettings]: number };

/** The defaults, with some values replaced. Throws `engine-setting-invalid`. */
export function gatewayConfig(values: Partial<GatewayConfig> = {}): GatewayConfig {
  const settings = Object.entries(gatewaySettings) as [keyof GatewayConfig, GatewaySetting][];
  return Object.fromEntries(
    settings.map(([key, { default: usual, least, most }]) => {
      const value = values[key] ?? usual;
      if (Number.isInteger(value) && value >= least && value <= most) return [key, value];
      const details = { name: `gateway.${key}`, value, least, most };
      throw engineErrors.create('engine-setting-invalid', details);
    }),
  ) as GatewayConfig;
}
