import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ChaosCluster } from './cluster/chaos-cluster.ts';
import { Contest } from './crowd/contest.ts';
import { Crowd } from './crowd/crowd.ts';
import { type Asked, Ledger } from './crowd/ledger.ts';
import type { Silence } from './crowd/silence.ts';
import { drawFaults, type FaultKindName } from './faults/fault-plan.ts';
import { type DoneFault, FaultRunner } from './faults/fault-runner.ts';
import { type Finding, Findings } from './proof/findings.ts';
import { type ProofCounts, prove } from './proof/prove.ts';

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly faults: readonly FaultKindName[];
  readonly players: number;
  /** A recorded contest, see `Contest`. */
  readonly trace: string | undefined;
  /** What is going on, a line at a time. */
  readonly say: (what: string) => void;
  /** Where everything that nodes said is copied when something is found. */
  readonly keep: string | undefined;
  readonly signal: AbortSignal;
}

/** What `npm run chaos -- --json` prints. */
export interface ChaosReport extends ProofCounts {
  readonly seed: number;
  readonly minutes: number;
  /** Acknowledged, and then not there, or another: in the log, the archive or the standings. */
  readonly lost: number;
  /** Decided, granted, scored or archived twice. */
  readonly repeated: number;
  /** Given away beyond the stock. */
  readonly overGranted: number;
  /** Anything else that must not be. */
  readonly otherBreaches: number;
  readonly acknowledged: number;
  readonly joins: number;
  /** Claims whose last word no gateway could tell any more: the team's progress has it. */
  readonly unsettled: number;
  /** Teams with a command that had no answer at the end. */
  readonly inDoubt: number;
  readonly contestCommands: number;
  /** Somebody waited, and nobody was told what became of a command, or of a join. */
  readonly longestSilences: Readonly<Record<Asked, LongestSilence>>;
  /** How often each kind was done. */
  readonly faults: Readonly<Record<string, number>>;
  /** Answers that clients had to be patient with, by error id. */
  readonly troubles: Readonly<Record<string, number>>;
  /** Nodes that ended without our doing. */
  readonly unexpectedEnds: number;
  /** The most that any node had, in MiB. */
  readonly nodeMemoryMostMb: number;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

interface LongestSilence {
  readonly seconds: number;
  /** When it began, from the start of the run, as in what the run says meanwhile. */
  readonly atSeconds: number;
  /** What was broken then. */
  readonly during: readonly string[];
  /** What was told in place of a decision, by error id, and how often. */
  readonly told: Readonly<Record<string, number>>;
}

const readyMs = 180_000;
const warmUpMs = 3_000;
/** After the last fault clients get this long for what they have not been told yet. */
const patienceMs = 120_000;
/** The contest ends before the last faults do, so that its end is tried, too. */
const contestShare = 0.8;

/** Breaks a cluster of real processes for a while, and proves that nothing was lost. Rejects when it cannot be done. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const startedAt = Date.now();
  options.say('starting three brokers, Cassandra, Redis and ZooKeeper');
  const cluster = await ChaosCluster.start();
  try {
    return await new ChaosRun(options, cluster, startedAt).run();
  } finally {
    await cluster.stop();
  }
}

class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #cluster: ChaosCluster;
  readonly #ledger = new Ledger();
  readonly #findings = new Findings();
  readonly #faults: FaultRunner;
  readonly #startedAt: number;

  constructor(options: ChaosOptions, cluster: ChaosCluster, startedAt: number) {
    this.#options = options;
    this.#startedAt = startedAt;
    this.#cluster = cluster;
    this.#faults = new FaultRunner(cluster, options.say);
  }

  async run(): Promise<ChaosReport> {
    const { minutes, seed, trace, say } = this.#options;
    const cluster = this.#cluster;
    cluster.startNodes();
    await this.#untilReady();
    const seconds = minutes * 60 * contestShare;
    const { directory } = cluster;
    const contest = new Contest({ directory, seed, seconds, trace });
    const crowd = await this.#load(contest);
    const { ledger, findings } = { ledger: this.#ledger, findings: this.#findings };
    for (const { node, lastWords } of cluster.unexpectedEnds) {
      findings.add('other', `${node} ended by itself: ${lastWords}`);
    }
    const counts = await prove({
      ...{ cluster, ledger, findings, say, contest, hunts: crowd.hunts },
    });
    this.#keepLogs();
    return this.#report(counts, contest);
  }

  #keepLogs(): void {
    const { keep, say } = this.#options;
    if (keep === undefined || this.#findings.isClean) return;
    mkdirSync(keep, { recursive: true });
    for (const name of readdirSync(this.#cluster.directory)) {
      if (name.endsWith('.log'))
        copyFileSync(join(this.#cluster.directory, name), join(keep, name));
    }
    say(`what the nodes said is in ${keep}`);
  }

  async #untilReady(): Promise<void> {
    const { say, signal } = this.#options;
    say('starting three processors and two gateways');
    const until = performance.now() + readyMs;
    for (const url of this.#cluster.gatewayUrls) {
      while (!(await isReady(url))) {
        signal.throwIfAborted();
        if (performance.now() > until) {
          throw new Error(`${url} is not ready\n${this.#cluster.node('gate-1').lastWords()}`);
        }
        await pause(200);
      }
    }
  }

  /** Everything that happens at the same time; resolves when all of it is over. */
  async #load(contest: Contest): Promise<Crowd> {
    const { seed, players, minutes, faults: kinds, say, signal } = this.#options;
    const { gatewayUrls, organiserKey } = this.#cluster;
    const [stop, giveUp] = [new AbortController(), new AbortController()];
    const ledger = this.#ledger;
    const crowd = new Crowd({
      ...{ seed, players, gatewayUrls, organiserKey, ledger },
      ...{ stop: stop.signal, giveUp: giveUp.signal },
    });
    ledger.begin();
    const ended = new AbortController();
    const played = crowd.play();
    const replayed = contest.replay(gatewayUrls[1]!, organiserKey, ended.signal);
    // Whoever waits for it hears of it; nobody may get to that.
    replayed.catch(() => {});
    try {
      await pause(warmUpMs);
      const time = AbortSignal.any([signal, AbortSignal.timeout(minutes * 60_000)]);
      await this.#faults.run(drawFaults(seed, kinds), time);
      signal.throwIfAborted();
      say('all is healed; waiting for the last answers');
      stop.abort();
      const patience = setTimeout(() => giveUp.abort(), patienceMs);
      await played;
      const { code, output, errors } = await replayed;
      clearTimeout(patience);
      if (code !== 0) {
        this.#findings.add('lost', `hunt replay ended with ${code}: ${output}${errors}`);
      }
      return crowd;
    } finally {
      stop.abort();
      giveUp.abort();
      ended.abort();
    }
  }

  #longestSilence({ longest: { ms, from, troubles } }: Silence): LongestSilence {
    return {
      seconds: Math.round(ms / 100) / 10,
      atSeconds: Math.round((from - this.#startedAt) / 1_000),
      during: during(this.#faults.done, from, from + ms),
      told: mostFirst(troubles),
    };
  }

  #report(counts: ProofCounts, contest: Contest): ChaosReport {
    const { seed, minutes } = this.#options;
    const ledger = this.#ledger;
    const { first, counts: breaches } = this.#findings;
    return {
      seed,
      minutes,
      lost: breaches.lost,
      repeated: breaches.repeated,
      overGranted: breaches.overGranted,
      otherBreaches: breaches.other,
      acknowledged: ledger.acknowledged,
      joins: ledger.joins.size,
      unsettled: ledger.unsettled,
      inDoubt: ledger.inDoubt.size,
      contestCommands: contest.commands,
      ...counts,
      longestSilences: {
        command: this.#longestSilence(ledger.silences.command),
        join: this.#longestSilence(ledger.silences.join),
      },
      faults: countsByKind(this.#faults.done),
      troubles: mostFirst(ledger.troubles),
      unexpectedEnds: this.#cluster.unexpectedEnds.length,
      nodeMemoryMostMb: Math.round(this.#cluster.mostMemory / 2 ** 20),
      findings: first,
      seconds: Math.round((Date.now() - this.#startedAt) / 1_000),
    };
  }
}

function mostFirst(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other - one));
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );
}

/** What was broken at some time between. */
function during(done: readonly DoneFault[], from: number, to: number): string[] {
  return done
    .filter((fault) => fault.from < to && (fault.to ?? Number.POSITIVE_INFINITY) > from)
    .map(({ what }) => what);
}

function countsByKind(done: readonly DoneFault[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { what } of done) {
    const kind = what.split(' ')[0]!;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
