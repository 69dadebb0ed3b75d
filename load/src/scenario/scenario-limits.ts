/** What keeps a scenario within what one machine can hold and a person meant. */
export const scenarioLimits = {
  sourceBytes: 65_536,
  problems: 50,
  titleLength: 200,
  pathLength: 1_000,
  phases: 100,
  /** Of one phase, and of all. */
  durationMs: 86_400_000,
  perSecond: 1_000_000,
  /** Of a whole run: each takes a slot of memory in nobody, but a day at the highest rate is a mistake. */
  arrivals: 20_000_000,
  players: 200_000,
  connections: 50_000,
  live: 50_000,
  threads: 64,
  weight: 10_000,
  timeoutMs: 120_000,
  traceSpeed: 1_000_000,
} as const;

/** Commands a second that a person may send: the server's own default limit for one player. */
export const commandsPerPlayerAndSecond = 10;
