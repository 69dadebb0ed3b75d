/** A setting of the gateway: `gateway.<key>` in files, variables and flags. */
interface GatewaySetting {
  readonly default: number;
  readonly text: string;
}

/** Every setting of the gateway, all whole numbers above zero. */
export const gatewaySettings = {
  inflightMaxCommands: {
    default: 20_000,
    text: 'Commands that may wait for their decision before new ones are turned away.',
  },
  inflightMaxBytes: {
    default: 16_777_216,
    text: 'Bytes of commands that may wait for their decision before new ones are turned away.',
  },
  recordMaxBytes: {
    default: 262_144,
    text: 'Bytes of commands that go to a partition as one record, at most 1 MiB.',
  },
  waitMaxMs: {
    default: 5_000,
    text: 'How long a request waits for an outcome before it is answered 202, in milliseconds.',
  },
  recentOutcomes: {
    default: 65_536,
    text: 'Latest outcomes that can be asked for before the archive has them, 32 bytes each.',
  },
  playerRatePerSecond: { default: 10, text: 'Commands per second of one player, on average.' },
  playerBurst: { default: 30, text: 'Commands of one player at once.' },
  joinRatePerSecond: {
    default: 50,
    text: 'Joins per second from one address, on average; a whole school may be behind one.',
  },
  joinBurst: { default: 500, text: 'Joins from one address at once.' },
  rateBucketsMax: {
    default: 200_000,
    text: 'Players and addresses whose rates are remembered; the longest idle are forgotten.',
  },
  answerCacheMax: {
    default: 50_000,
    text: 'Hashes of answers that are remembered, because crowds send the same ones.',
  },
  teamCacheMax: {
    default: 100_000,
    text: 'Teams named by recording clients that are remembered as registered.',
  },
  connectionsMax: {
    default: 50_000,
    text: 'Open connections; fewer where the file descriptors of the process do not allow so many.',
  },
  requestTimeoutMs: {
    default: 15_000,
    text: 'How long headers and body of a request may take to arrive, in milliseconds.',
  },
  keepAliveMs: {
    default: 72_000,
    text: 'How long an idle connection stays open, in milliseconds.',
  },
  liveConnectionsMax: { default: 20_000, text: 'Open live connections.' },
  liveEventsPerPartition: {
    default: 16_384,
    text: 'Team events of each partition that a live connection can be resumed from.',
  },
  liveBacklogMaxBytes: {
    default: 262_144,
    text: 'Bytes that may wait to be read on a live connection before it is closed.',
  },
  liveIntervalMs: {
    default: 250,
    text: 'Least time between two pushes of the standings, in milliseconds.',
  },
  socketInflightMax: {
    default: 1_024,
    text: 'Unanswered commands on a WebSocket before it is read no further.',
  },
} as const satisfies Record<string, GatewaySetting>;

export type GatewayConfig = { readonly [Key in keyof typeof gatewaySettings]: number };

/** The defaults, with some values replaced. */
export function gatewayConfig(values: Partial<GatewayConfig> = {}): GatewayConfig {
  const defaults = Object.entries(gatewaySettings).map(([key, setting]) => [key, setting.default]);
  return { ...(Object.fromEntries(defaults) as GatewayConfig), ...values };
}
