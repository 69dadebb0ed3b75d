import { type Draft, list, mapping, optional, quantity, required } from 'veltrix/document';
import { scenarioLimits as limits } from './scenario-limits.ts';
import { choice, count, duration, line, rate, share } from './scenario-scalars.ts';

const weight = count(0, limits.weight);
const perSecond = quantity(rate, 0, limits.perSecond);
const latency = quantity(duration, 1, limits.timeoutMs);

/** How the rate of arrivals changes within a phase. */
const curves = ['steady', 'ramp', 'opening', 'drop', 'last-minute'] as const;
export type CurveName = (typeof curves)[number];

/** What one arrival does, by the name of its weight in `mix`. */
const mix = mapping({
  'answer-right': optional(
    weight,
    'An accepted answer to a step that is open to the team; once only the last is left, a wrong one.',
  ),
  'answer-wrong': optional(weight, 'A wrong answer to an open step.'),
  scan: optional(weight, 'The code of a poster. Needs an organiser key.'),
  'check-in': optional(weight, 'At the place of a step.'),
  hint: optional(weight, 'A hint is bought.'),
  claim: optional(weight, 'A treasure is claimed.'),
  join: optional(weight, 'A new player joins with a new team.'),
  standings: optional(weight, 'The first page of the standings is read.'),
  progress: optional(weight, 'A player reads the own progress.'),
});
export type Action = keyof typeof mix.fields;

const phase = mapping({
  curve: required(
    choice(curves),
    'steady, ramp (straight from rate to peak), opening (from peak down to rate), drop (rate, then a burst up to peak that dies away) or last-minute (from rate up to peak, ever faster).',
  ),
  for: required(quantity(duration, 100, limits.durationMs), 'How long it lasts, such as 30s.'),
  rate: required(perSecond, 'Arrivals a second, such as 200/s; beside peak the lower end.'),
  peak: optional(perSecond, 'The other end of the curve; every curve but steady has one.'),
  counts: optional(
    choice(['yes', 'no']),
    'no: a warm-up, which is sent and shown but not judged. Default yes.',
  ),
});

/** The whole scenario language. */
export const scenarioShape = mapping({
  scenario: required(line(limits.titleLength), 'A name; reports and comparisons go by it.'),
  hunt: optional(
    line(limits.pathLength),
    'The hunt file, relative to the scenario. Default: one made for load, or for the trace.',
  ),
  seed: optional(count(0, 2 ** 31), 'The same seed gives the same arrivals. Default 1.'),
  players: optional(
    count(1, limits.players),
    'Players who join before the load begins, a team each. Default as many as the rate needs.',
  ),
  connections: optional(
    count(1, limits.connections),
    'Connections kept open for requests. Default as many as the rate needs.',
  ),
  live: optional(
    count(0, limits.live),
    'Players who listen to live events meanwhile, a connection each. Default 0.',
  ),
  timeout: optional(
    quantity(duration, 100, limits.timeoutMs),
    'An answer that takes longer is none. Default 10s.',
  ),
  spacing: optional(
    choice(['poisson', 'even']),
    'poisson: as people come, who do not know of each other; even: like a clock. Default poisson.',
  ),
  phases: optional(
    list(phase, 1, limits.phases),
    'How many arrive when, one phase after the other.',
  ),
  trace: optional(
    mapping({
      file: required(
        line(limits.pathLength),
        'A recorded contest: CSV with seconds,team,problem,verdict, relative to the scenario.',
      ),
      speed: optional(
        count(1, limits.traceSpeed),
        'So many times the recorded pace, with all its bursts. Default 1.',
      ),
      from: optional(
        quantity(duration, 0, limits.durationMs),
        'Where to begin in recorded time. Default 0s.',
      ),
      for: optional(
        quantity(duration, 1, limits.durationMs),
        'How much of the recorded time. Default all that is left.',
      ),
    }),
    'Arrivals as somebody recorded them, in place of phases and mix.',
  ),
  mix: optional(mix, 'What arrivals do: weights. Default mostly answers, few of them right.'),
  objectives: optional(
    mapping({
      p50: optional(latency, 'Half of all answers take at most this, from when each was due.'),
      p90: optional(latency, 'Nine of ten answers take at most this.'),
      p99: optional(latency, '99 of 100 answers take at most this.'),
      'p99.9': optional(latency, '999 of 1,000 answers take at most this.'),
      longest: optional(latency, 'No answer takes longer.'),
      errors: optional(quantity(share, 0, 1), 'Share of arrivals that end without a decision.'),
      goodput: optional(quantity(share, 0, 1), 'Least share of what is offered that is decided.'),
    }),
    'What has to hold for the verdict "met".',
  ),
  generator: optional(
    mapping({
      threads: optional(count(1, limits.threads), 'Threads that send. Default 1.'),
      lateness: optional(
        latency,
        'A generator that sends later than this, 99 times of 100 less, calls itself saturated. Default 10ms.',
      ),
    }),
    'The sending side itself.',
  ),
  knee: optional(
    mapping({
      from: optional(quantity(rate, 1, limits.perSecond), 'First rate tried. Default 50/s.'),
      most: optional(
        quantity(rate, 1, limits.perSecond),
        'Highest rate tried. Default what the players and connections allow.',
      ),
      step: optional(
        quantity(duration, 500, 600_000),
        'How long each rate is kept and counted. Default 5s.',
      ),
      precision: optional(
        quantity(share, 0.01, 1),
        'Ends once the knee is known this closely. Default 10%.',
      ),
    }),
    'How --knee searches, with the mix above in place of the phases.',
  ),
});

export type ScenarioDraft = Draft<typeof scenarioShape>;
export const actions = Object.keys(mix.fields) as Action[];
