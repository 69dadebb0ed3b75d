import { veltrixErrors } from 'veltrix';
import { type NumberProperty, readValue } from 'veltrix/config';

/** Every setting of the gateway, all whole numbers: `gateway.<key>` in files and flags. */
export const gatewaySettings = {
  inflightMaxCommands: {
    ...{ type: 'integer', default: 20_000, least: 1, most: 10_000_000, unit: 'commands' },
    text: 'Commands that may wait for their decision before new ones are turned away.',
    why: 'Raise it when commands are refused although the processors keep up; lower it to save memory.',
    metrics: ['hunt_gateway_inflight_commands', 'hunt_gateway_commands_total'],
  },
  inflightMaxBytes: {
    ...{ type: 'bytes', default: 16_777_216, least: 1, most: 1_073_741_824, dynamic: true },
    text: 'Bytes of commands that may wait for their decision before new ones are turned away.',
    why: 'It bounds the memory that waiting commands take; raise it for hunts with long answers.',
    metrics: ['hunt_gateway_inflight_commands', 'hunt_gateway_commands_total'],
  },
  admissionTargetMs: {
    ...{ type: 'duration', default: 6, least: 1, most: 10_000, dynamic: true },
    text: 'When single commands have waited longer than this for half a second, only as many are let in as are decided in that time.',
    why: 'Lower gives quicker answers to fewer players in an overload. Where the log takes longer by itself, as across data centres, that is found out.',
    metrics: ['hunt_gateway_admission_limit_commands', 'hunt_gateway_decision_seconds'],
  },
  refusalsPerSecond: {
    ...{ type: 'integer', default: 1_000, least: 1, most: 1_000_000, dynamic: true },
    ...{ unit: 'refusals per second' },
    text: 'Commands turned away for lack of room that are told so per second; the others hear of it a little later.',
    why: 'Whoever is refused at once comes back at once: lower it when refusals themselves take the processor.',
    metrics: ['hunt_queue_entries'],
  },
  refusalWaitMaxMs: {
    ...{ type: 'duration', default: 2_000, least: 1, most: 10_000, dynamic: true },
    text: 'How long a command that is turned away waits to be told so.',
    why: 'Longer keeps a crowd that is told no from asking again at once; shorter holds fewer connections.',
    metrics: ['hunt_queue_entries'],
  },
  recordMaxBytes: {
    ...{ type: 'bytes', default: 262_144, least: 1, most: 1_048_576, dynamic: true },
    text: 'Bytes of commands that go to a partition as one record, at most 1 MiB.',
    why: 'Larger records cost less each command in a flood; smaller ones are decided sooner.',
    metrics: ['hunt_gateway_records_total', 'hunt_gateway_decision_seconds'],
  },
  waitMaxMs: {
    ...{ type: 'duration', default: 5_000, least: 1, most: 60_000, dynamic: true },
    text: 'How long a request waits for an outcome before it is answered 202.',
    why: 'Raise it where decisions may take long and clients cannot ask again; lower it where a proxy gives up sooner.',
    metrics: ['hunt_gateway_decision_seconds', 'hunt_gateway_commands_total'],
  },
  recentOutcomes: {
    ...{ type: 'integer', default: 65_536, least: 1, most: 16_777_216, unit: 'outcomes' },
    text: 'Latest outcomes that can be asked for before the archive has them, 32 bytes each.',
    why: 'Raise it when the archive lags and outcomes that were just decided are not found.',
  },
  playerRatePerSecond: {
    ...{ type: 'integer', default: 10, least: 1, most: 1_000_000_000, dynamic: true },
    ...{ unit: 'commands per second', perHunt: true },
    text: 'Commands per second of one player, on average.',
    why: 'Lower it against players who guess by script; raise it for hunts that are played by machines.',
    metrics: ['hunt_gateway_rate_limited_requests_total'],
  },
  playerBurst: {
    ...{ type: 'integer', default: 30, least: 1, most: 1_000_000_000, dynamic: true },
    ...{ unit: 'commands', perHunt: true },
    text: 'Commands of one player at once.',
    why: 'Raise it when players who come back from a dead spot are turned away with what they saved up.',
    metrics: ['hunt_gateway_rate_limited_requests_total'],
  },
  joinRatePerSecond: {
    ...{ type: 'integer', default: 50, least: 1, most: 1_000_000_000, dynamic: true },
    ...{ unit: 'joins per second' },
    text: 'Joins per second from one address, on average; a whole school may be behind one.',
    why: 'Raise it when many players come through one proxy or mobile network; lower it against invented players.',
    metrics: ['hunt_gateway_rate_limited_requests_total'],
  },
  joinBurst: {
    ...{ type: 'integer', default: 500, least: 1, most: 1_000_000_000, dynamic: true },
    ...{ unit: 'joins' },
    text: 'Joins from one address at once.',
    why: 'Raise it when more players than that join behind one address when a hunt begins.',
    metrics: ['hunt_gateway_rate_limited_requests_total'],
  },
  rateBucketsMax: {
    ...{ type: 'integer', default: 200_000, least: 1, most: 10_000_000, unit: 'buckets' },
    text: 'Players and addresses whose rates are remembered; the longest idle are forgotten.',
    why: 'Raise it above the number of players who are active at the same time, or the rates lose their grip.',
    metrics: ['hunt_gateway_rate_limited_requests_total'],
  },
  answerCacheMax: {
    ...{ type: 'integer', default: 50_000, least: 1, most: 10_000_000, unit: 'answers' },
    text: 'Hashes of answers that are remembered, because crowds send the same ones.',
    why: 'Raise it when a hunt has very many different answers and hashing shows in a profile.',
  },
  teamCacheMax: {
    ...{ type: 'integer', default: 100_000, least: 1, most: 10_000_000, unit: 'teams' },
    text: 'Teams named by recording clients that are remembered as registered.',
    why: 'Raise it above the number of teams when contests are recorded by a client of their own.',
  },
  connectionsMax: {
    ...{ type: 'integer', default: 50_000, least: 1, most: 1_000_000, unit: 'connections' },
    text: 'Open connections; fewer where the file descriptors of the process do not allow so many.',
    why: 'Raise it together with the limit of open files; lower it to keep memory for what is there.',
    metrics: ['hunt_gateway_live_connections'],
  },
  requestTimeoutMs: {
    ...{ type: 'duration', default: 15_000, least: 1, most: 600_000 },
    text: 'How long headers and body of a request may take to arrive.',
    why: 'Lower it against clients that hold connections open on purpose; raise it for large batches over slow lines.',
  },
  keepAliveMs: {
    ...{ type: 'duration', default: 72_000, least: 1, most: 3_600_000 },
    text: 'How long an idle connection stays open.',
    why: 'Keep it above the idle time of a load balancer before it, which else sends into closed connections.',
  },
  liveConnectionsMax: {
    ...{ type: 'integer', default: 20_000, least: 1, most: 1_000_000, dynamic: true },
    ...{ unit: 'connections' },
    text: 'Open live connections.',
    why: 'Raise it for large audiences; lower it when pushing standings takes the processor from commands.',
    metrics: ['hunt_gateway_live_connections'],
  },
  liveEventsPerPartition: {
    ...{ type: 'integer', default: 16_384, least: 1, most: 16_777_216, unit: 'events' },
    text: 'Team events of each partition that a live connection can be resumed from.',
    why: 'Raise it when players who were away for a moment have to begin anew; it costs memory.',
    metrics: ['hunt_gateway_live_events_total'],
  },
  liveBacklogMaxBytes: {
    ...{ type: 'bytes', default: 262_144, least: 1, most: 1_073_741_824, dynamic: true },
    text: 'Bytes that may wait to be read on a live connection before it is closed.',
    why: 'Raise it when slow phones lose their connection; times the connections it is memory.',
    metrics: ['hunt_gateway_live_events_total', 'hunt_gateway_live_connections'],
  },
  liveIntervalMs: {
    ...{ type: 'duration', default: 250, least: 1, most: 60_000, dynamic: true },
    text: 'Least time between two pushes of the standings.',
    why: 'The first thing to raise with a large audience: every push goes to everybody.',
    metrics: ['hunt_gateway_live_connections'],
  },
  deadlineMaxMs: {
    ...{ type: 'duration', default: 15_000, least: 1, most: 600_000, dynamic: true },
    text: 'How long after its headers a request may still be handed over, and begun; a client may ask for less with hunt-timeout-ms.',
    why: 'Lower it where clients give up sooner and do not say so: what nobody waits for is then not done.',
    metrics: ['hunt_gateway_late_requests_total', 'hunt_gateway_commands_total'],
  },
  readsMax: {
    ...{ type: 'integer', default: 2_000, least: 1, most: 1_000_000, dynamic: true },
    ...{ unit: 'reads' },
    text: 'Reads that are being answered at once: standings, the own progress.',
    why: 'It keeps reads that wait for a slow server from taking what commands need; raise it for large audiences behind fast servers.',
    metrics: ['hunt_gateway_read_inflight_requests', 'hunt_gateway_read_requests_total'],
  },
  brownoutLeast: {
    ...{ type: 'integer', default: 0, least: 0, most: 3, dynamic: true, unit: 'level' },
    text: 'Level of brown-out that always holds. Together with brownoutMost it pins the level.',
    why: 'Raise it before a moment that is known to be heavy, as the last minute of a hunt.',
    metrics: ['hunt_gateway_brownout_state', 'hunt_gateway_brownout_least_state'],
  },
  brownoutMost: {
    ...{ type: 'integer', default: 3, least: 0, most: 3, dynamic: true, unit: 'level' },
    text: 'Highest level of brown-out: 1 standings are pushed less often, 2 also read less often, 3 other reads are refused. 0 switches it off.',
    why: 'Lower it where reads matter as much as commands.',
    metrics: ['hunt_gateway_brownout_state', 'hunt_gateway_brownout_served_ratio'],
  },
  brownoutDelayMs: {
    ...{ type: 'duration', default: 200, least: 1, most: 60_000, dynamic: true },
    text: 'How late the event loop may turn, on average of a second, before the gateway browns out.',
    why: 'Lower it where answers within milliseconds matter more than reads; raise it on machines that stall by themselves.',
    metrics: ['hunt_gateway_brownout_pressure_ratio', 'hunt_thread_delay_p99_seconds'],
  },
  brownoutAgeMs: {
    ...{ type: 'duration', default: 2_000, least: 1, most: 600_000, dynamic: true },
    text: 'How long the oldest command may wait for its decision before the gateway browns out, while others are decided.',
    why: 'Raise it where the log is slow by itself, as across data centres.',
    metrics: ['hunt_gateway_brownout_pressure_ratio', 'hunt_queue_oldest_seconds'],
  },
  brownoutPushFactor: {
    ...{ type: 'integer', default: 4, least: 1, most: 1_000, dynamic: true, unit: 'times' },
    text: 'So many times gateway.liveIntervalMs lies between two pushes of the standings from level 1 on.',
    why: 'Raise it for very large audiences: pushing is what costs most and is missed least.',
    metrics: ['hunt_gateway_brownout_state'],
  },
  brownoutFreshMs: {
    ...{ type: 'duration', default: 5_000, least: 1_000, most: 600_000, dynamic: true },
    text: 'How long standings that were read are shown from level 2 on, marked with staleSince.',
    why: 'Longer spares the views more. A person who was erased may be shown for as long.',
    metrics: ['hunt_gateway_brownout_state'],
  },
  socketInflightMax: {
    ...{ type: 'integer', default: 1_024, least: 1, most: 1_000_000, dynamic: true },
    ...{ unit: 'commands' },
    text: 'Unanswered commands on a WebSocket before it is read no further.',
    why: 'Raise it for recording clients that send much over one connection.',
    metrics: ['hunt_gateway_inflight_commands'],
  },
} as const satisfies Record<string, NumberProperty>;

export type GatewayConfig = { readonly [Key in keyof typeof gatewaySettings]: number };

/** The defaults, with some values replaced. Throws `veltrix-setting-invalid`. */
export function gatewayConfig(values: Partial<GatewayConfig> = {}): GatewayConfig {
  const settings = Object.entries(gatewaySettings) as [keyof GatewayConfig, NumberProperty][];
  return Object.fromEntries(
    settings.map(([key, setting]) => {
      const value = values[key] ?? setting.default;
      const read = readValue(setting, value);
      if ('value' in read) return [key, value];
      const details = { place: 'The gateway', name: `gateway.${key}`, value };
      throw veltrixErrors.create('veltrix-setting-invalid', { ...details, reason: read.problem });
    }),
  ) as GatewayConfig;
}
