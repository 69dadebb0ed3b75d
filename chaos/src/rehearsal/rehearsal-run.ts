import { setTimeout as pause } from 'node:timers/promises';
import { Ledger } from '../crowd/ledger.ts';
import { type Finding, Findings } from '../proof/findings.ts';
import { type ProofCounts, prove } from '../proof/prove.ts';
import { ChartAutoscalers } from './autoscaler/chart-autoscalers.ts';
import { LeaderAdvice } from './autoscaler/leader-advice.ts';
import { RehearsalCluster } from './cluster/rehearsal-cluster.ts';
import { ArrivingCrowd } from './crowd/arriving-crowd.ts';
import { ScalingLoop, type ScalingStep } from './scaling-loop.ts';
import { StallWatch } from './stall-watch.ts';

export interface RehearsalOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Teams that come in a second when most do. */
  readonly peak: number;
  /** By what the autoscalers' waits are divided. */
  readonly quicken: number;
  /** Who decides: the chart's autoscalers, or the leader's advice. */
  readonly by: 'metrics' | 'advice';
  /** What is going on, a line at a time. */
  readonly say: (what: string) => void;
  readonly signal: AbortSignal;
}

/** What `npm run rehearse -- --json` prints. */
export interface RehearsalReport extends Omit<ProofCounts, 'contestSameStandings'> {
  readonly minutes: number;
  readonly seed: number;
  readonly quicken: number;
  readonly by: RehearsalOptions['by'];
  /** As of the chaos run: acknowledged, and then not there, or another. */
  readonly lost: number;
  readonly repeated: number;
  readonly overGranted: number;
  /** Nodes that ended by themselves, were not ready or did not stop in time; whatever else must not be. */
  readonly otherBreaches: number;
  /** Requests that got an error, or no answer, in place of an outcome; they were sent again. */
  readonly refused: number;
  /** Those that are not counted there: the rehearsal itself had not run just before. */
  readonly refusedByStall: number;
  /** The same by error id; with those that were told to ask again later, which are no refusals. */
  readonly troubles: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly joins: number;
  readonly teamsPlayingMost: number;
  /** Teams that came when as many as may were playing; this is of the rehearsal, not of the cluster. */
  readonly teamsTurnedAway: number;
  readonly unsettled: number;
  readonly inDoubt: number;
  /** The longest time in which somebody waited for a decision and nobody was told any. */
  readonly longestSilenceMs: number;
  /** Seconds since the crowd began, as in `steps`. */
  readonly longestSilenceAt: number;
  /** For how long the rehearsal itself, and so everything beside it, did not run: a machine that slept, or was too busy. */
  readonly longestStallMs: number;
  /** Nodes that were started, and stopped, by the autoscalers. */
  readonly scaledUp: number;
  readonly scaledDown: number;
  readonly byRole: ReturnType<ScalingLoop['summary']>;
  readonly steps: readonly ScalingStep[];
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

/** Of the peak, when the fewest come. */
const leastShare = 0.1;
const teamsMost = 400;
/** After the last team has come clients get this long for what they have not been told yet. */
const patienceMs = 60_000;
const tellEveryMs = 10_000;
const watchEveryMs = 100;
/** Before the crowd comes what starting took is to be forgotten. */
const restMs = 15_000;
/** An answer without an outcome that is none of these is a refusal: the command is under way, or a claim is not settled. */
const notRefused: ReadonlySet<string> = new Set(['sdk-still-undecided']);

/** Whether it went as it should: nothing broken or refused, and there was something to see. */
export function isClean(report: RehearsalReport): boolean {
  const { lost, repeated, overGranted, otherBreaches, refused, scaledUp, scaledDown } = report;
  const broken = lost + repeated + overGranted + otherBreaches + refused;
  return broken === 0 && scaledUp > 0 && scaledDown > 0;
}

/** Has a crowd come and go, and the cluster grow and shrink with it. Rejects when it cannot be done. */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  options.say('starting Kafka, Cassandra, Redis, ZooKeeper and Prometheus');
  const findings = new Findings();
  const trouble = (what: string) => {
    options.say(what);
    findings.add('other', what);
  };
  const cluster = await RehearsalCluster.start(trouble);
  try {
    return await new Rehearsal(options, cluster, findings).run();
  } finally {
    await cluster.stop();
  }
}

class Rehearsal {
  readonly #options: RehearsalOptions;
  readonly #cluster: RehearsalCluster;
  readonly #findings: Findings;
  readonly #ledger = new Ledger();
  readonly #scaling: ScalingLoop;
  readonly #startedAt = performance.now();
  /** When the crowd began, in milliseconds since the epoch. */
  #crowdFrom = 0;
  readonly #stalls = new StallWatch(() => this.#refused);

  constructor(options: RehearsalOptions, cluster: RehearsalCluster, findings: Findings) {
    this.#options = options;
    this.#cluster = cluster;
    this.#findings = findings;
    const { quicken, by, say } = options;
    this.#scaling = new ScalingLoop({
      roles: cluster.roles,
      scaler:
        by === 'advice'
          ? new LeaderAdvice(cluster.advice)
          : new ChartAutoscalers(cluster.ask, quicken),
      onStep: ({ role, from, to, because }) => say(`${role} ${from} → ${to}: ${because}`),
    });
  }

  async run(): Promise<RehearsalReport> {
    const { say, signal } = this.#options;
    const cluster = this.#cluster;
    say('starting the nodes');
    await cluster.startNodes();
    await pause(restMs, undefined, { signal });
    const crowd = await this.#load();
    signal.throwIfAborted();
    const counts = await prove({
      ...{ cluster, say, ledger: this.#ledger, findings: this.#findings, hunts: crowd.hunts },
      contest: undefined,
    });
    return this.#report(counts, crowd);
  }

  /** The crowd and the autoscalers, until the crowd is gone. */
  async #load(): Promise<ArrivingCrowd> {
    const { minutes, seed, peak, say, signal } = this.#options;
    const cluster = this.#cluster;
    const ledger = this.#ledger;
    const durationMs = minutes * 60_000;
    const [stop, giveUp, over] = [signal, new AbortController(), new AbortController()];
    const { organiserKey } = cluster;
    const crowd = new ArrivingCrowd({
      ...{ seed, organiserKey, teamsMost, ledger, stop },
      ...{ giveUp: AbortSignal.any([signal, giveUp.signal]) },
      curve: { least: peak * leastShare, most: peak, durationMs },
      get gatewayUrls() {
        return cluster.gatewayUrls;
      },
    });
    let answered = 0;
    const telling = setInterval(() => {
      const rate = (ledger.acknowledged - answered) / (tellEveryMs / 1_000);
      answered = ledger.acknowledged;
      const came = `${crowd.rate.toFixed(1)} teams/s, ${crowd.counts.playing} play`;
      say(`${came}, ${rate.toFixed(0)} answers/s; ${this.#scaling.describe()}`);
    }, tellEveryMs);
    const watching = setInterval(() => this.#stalls.tick(performance.now()), watchEveryMs);
    ledger.begin();
    this.#crowdFrom = Date.now();
    const scaling = this.#scaling.run(AbortSignal.any([signal, over.signal]));
    try {
      await crowd.arrive();
      const patience = setTimeout(() => giveUp.abort(), patienceMs);
      await crowd.answered();
      clearTimeout(patience);
    } finally {
      clearInterval(telling);
      clearInterval(watching);
      over.abort();
      await scaling;
    }
    await Promise.all(cluster.roles.map((role) => role.settled()));
    return crowd;
  }

  /** Answers that were none. */
  get #refused(): number {
    let refused = 0;
    for (const [code, count] of this.#ledger.troubles) {
      const [, id = code] = /^\w+: (.*)$/.exec(code) ?? [];
      if (!notRefused.has(id)) refused += count;
    }
    return refused;
  }

  #report(counts: ProofCounts, crowd: ArrivingCrowd): RehearsalReport {
    const { minutes, seed, quicken, by } = this.#options;
    const ledger = this.#ledger;
    const { first, counts: breaches } = this.#findings;
    const { contestSameStandings: _none, ...proven } = counts;
    const byRole = this.#scaling.summary();
    const { excused } = this.#stalls;
    return {
      ...{ minutes, seed, quicken, by },
      lost: breaches.lost,
      repeated: breaches.repeated,
      overGranted: breaches.overGranted,
      otherBreaches: breaches.other,
      refused: this.#refused - excused,
      refusedByStall: excused,
      troubles: Object.fromEntries([...ledger.troubles].sort(([, one], [, other]) => other - one)),
      acknowledged: ledger.acknowledged,
      joins: ledger.joins.size,
      teamsPlayingMost: crowd.counts.playingMost,
      teamsTurnedAway: crowd.counts.turnedAway,
      unsettled: ledger.unsettled,
      inDoubt: ledger.inDoubt.size,
      longestSilenceMs: ledger.silence.longest.ms,
      longestSilenceAt: Math.round((ledger.silence.longest.from - this.#crowdFrom) / 1_000),
      longestStallMs: Math.round(this.#stalls.longestMs),
      scaledUp: byRole.reduce((sum, { scaledUp }) => sum + scaledUp, 0),
      scaledDown: byRole.reduce((sum, { scaledDown }) => sum + scaledDown, 0),
      byRole,
      steps: this.#scaling.steps,
      ...proven,
      findings: first,
      seconds: Math.round((performance.now() - this.#startedAt) / 1_000),
    };
  }
}
