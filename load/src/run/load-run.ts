import { createHash, randomBytes } from 'node:crypto';
import type { HuntDefinition } from '@hunt/rules';
import { type ArrivalPlan, planDuration } from '../arrivals/arrival.ts';
import { type TracedAnswer, tracedCrowd } from '../arrivals/trace-plan.ts';
import { joinPlayers } from '../crowd/join-players.ts';
import { checkActions } from '../crowd/possible-actions.ts';
import { LoadGenerator, type RunProgress } from '../generator/load-generator.ts';
import type { LoadRecord } from '../generator/load-record.ts';
import { type KneeStep, searchKnee } from '../knee/knee-search.ts';
import { answerMsOf } from '../scenario/compile-scenario.ts';
import { connectionsFor, type Phase, type Scenario } from '../scenario/scenario.ts';
import { type Verdict, verdictOf } from '../verdict/verdict.ts';
import { figuresOf, type LoadReport, reportFormat } from './load-report.ts';
import { targetOf } from './load-target.ts';

export interface LoadRunOptions {
  readonly scenario: Scenario;
  /** Published at the target already. */
  readonly hunt: HuntDefinition;
  /** By id of the step, when the mix has scans. */
  readonly scanCodes: Readonly<Record<string, string>>;
  /** Of the whole recorded contest, when the scenario has a trace. */
  readonly trace?: readonly TracedAnswer[] | undefined;
  readonly baseUrl: string;
  /** The step load that looks for the knee, in place of the phases. */
  readonly isSearch: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (text: string) => void;
}

/** What is decided has to follow what is offered this closely, where no objective says more. */
const followsLeast = 0.95;
/** Of a step of a search, and not counted: connections and caches get warm at the new rate. */
const warmUpShare = 0.25;

/**
 * Has the crowd join, sends the scenario's load, and judges it. Throws load-target-invalid,
 * load-action-impossible, load-trace-window-empty, what `LoadGenerator.start` throws, and `ProblemError`
 * when players cannot join.
 */
export async function runLoad(options: LoadRunOptions): Promise<LoadReport> {
  const { scenario, hunt, signal, onProgress = () => {} } = options;
  const target = targetOf(options.baseUrl);
  const load = loadOf(options);
  const runId = `load-${randomBytes(4).toString('hex')}`;
  const startedAt = new Date().toISOString();
  const tokens = await joinPlayers({
    ...{ baseUrl: target.url, hunt: hunt.id, isSolo: hunt.teamSize === 1, runId, signal },
    players: load.plan.players,
    onJoined: (joined) => onProgress(`${joined} of ${load.plan.players} players joined`),
  });
  const { scanCodes } = options;
  const { live, threads, timeoutMs } = scenario;
  const generator = await LoadGenerator.start({
    ...{ target: target.address, live, threads, timeoutMs, connections: load.connections },
    crowd: { hunt, scanCodes, tokens, authority: target.authority, runId },
  });
  const subject = {
    ...{
      scenario: scenario.name,
      loadHash: load.hash,
      hunt: hunt.id,
      target: target.url,
      startedAt,
    },
    durationMs: planDuration(load.plan),
    ...{ players: load.plan.players, connections: load.connections, live, threads },
    sharesMachine: target.isThisMachine,
  };
  try {
    const measured = await (options.isSearch
      ? searched(generator, load.plan, options)
      : sentOnce(generator, load.plan, options));
    const record = JSON.parse(JSON.stringify(measured.record));
    const figures = figuresOf(measured.record);
    return { format: reportFormat, subject, figures, ...measured, record };
  } finally {
    await generator.close();
  }
}

interface Load {
  readonly plan: ArrivalPlan;
  readonly connections: number;
  readonly hash: string;
}

/** Everything that is sent, with what the trace says in place of what the scenario leaves open. */
function loadOf({ scenario, hunt, trace = [] }: LoadRunOptions): Load {
  const { seed, spacing, phases, mix, live, timeoutMs } = scenario;
  const traced = scenario.trace && tracedCrowd(trace, scenario.trace, hunt);
  if (traced === undefined) checkActions(mix, hunt);
  const players = scenario.players || traced?.players || 1;
  const plan: ArrivalPlan = { seed, spacing, phases, mix, players, trace: traced?.plan };
  const connections =
    scenario.connections ||
    connectionsFor(traced?.peakPerSecond ?? 0, answerMsOf(scenario.objectives));
  const hash = createHash('sha256');
  const steps = hunt.steps.map(({ id, kind }) => `${kind} ${id}`);
  const settings = { seed, spacing, phases, players, connections, live, timeoutMs, steps };
  hash.update(JSON.stringify(traced === undefined ? { ...settings, mix } : settings));
  for (const list of Object.values(traced?.plan ?? {})) hash.update(list as Uint8Array);
  return { plan, connections, hash: hash.digest('hex') };
}

async function sentOnce(
  generator: LoadGenerator,
  plan: ArrivalPlan,
  { scenario, signal, onProgress = () => {} }: LoadRunOptions,
) {
  const all = Math.ceil(planDuration(plan) / 1_000);
  const from = performance.now();
  const record = await generator.run(
    plan,
    showing(onProgress, () => {
      return `${Math.min(all, Math.round((performance.now() - from) / 1_000))} of ${all} s`;
    }),
    signal,
  );
  return { record, verdict: verdictOf(record, scenario) };
}

/** What of a run a search of its knee needs. */
interface SearchOptions {
  readonly scenario: Pick<Scenario, 'knee' | 'objectives' | 'latenessMs'>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (text: string) => void;
}

/** Raises the rate of a plan's mix until an objective breaks. Throws what `LoadGenerator.run` does. */
async function searched(
  generator: LoadGenerator,
  plan: ArrivalPlan,
  { scenario, signal, onProgress = () => {} }: SearchOptions,
) {
  let atKnee: { readonly record: LoadRecord; readonly verdict: Verdict } | undefined;
  let last: typeof atKnee;
  const knee = await searchKnee(scenario.knee, async (perSecond, index) => {
    const { stepMs } = scenario.knee;
    const steady = { curve: 'steady', rate: perSecond, peak: perSecond } as const;
    const phases: Phase[] = [
      { ...steady, durationMs: stepMs * warmUpShare, counts: false },
      { ...steady, durationMs: stepMs, counts: true },
    ];
    const step: ArrivalPlan = { ...plan, phases, trace: undefined, seed: plan.seed + index };
    const show = showing(onProgress, () => `trying ${Math.round(perSecond)}/s`);
    const record = await generator.run(step, show, signal);
    last = { record, verdict: verdictOf(record, scenario) };
    const result = stepOf(record, last.verdict, stepMs);
    if (result.holds && !result.isSaturated) atKnee = last;
    return result;
  });
  const { record, verdict } = (atKnee ?? last)!;
  const word =
    knee.limit === 'generator'
      ? 'generator-saturated'
      : knee.perSecond === null
        ? 'missed'
        : 'measured';
  return { record, knee, verdict: { ...verdict, word, sentence: knee.sentence } as const };
}

/** One step of a search: the objectives hold, and what is decided follows what is offered. */
function stepOf(record: LoadRecord, verdict: Verdict, stepMs: number): KneeStep {
  const seconds = stepMs / 1_000;
  const { offered, decided, failed, failures, latency } = record;
  const why = Object.entries(failures).map(([id, count]) => `${id} ${count}`);
  const missed = verdict.objectives.filter(({ isMet }) => !isMet);
  const follows = decided >= offered * followsLeast;
  const reasons = [
    ...verdict.saturation.map(({ message }) => message),
    ...(missed.length > 0 && verdict.word === 'missed'
      ? [verdict.sentence.replace(/\.$/, '')]
      : []),
    ...(follows ? [] : [`only ${decided} of ${offered} arrivals were decided (${why.join(', ')})`]),
  ];
  return {
    ...{ offered: offered / seconds, decided: decided / seconds },
    ...{ p50Ms: latency.quantile(0.5), p99Ms: latency.quantile(0.99) },
    failedShare: failed / Math.max(1, offered),
    holds: missed.length === 0 && follows,
    isSaturated: verdict.saturation.length > 0,
    reason: reasons.join('; '),
  };
}

function showing(onProgress: (text: string) => void, where: () => string) {
  return ({ offered, decided }: RunProgress) =>
    onProgress(`${where()}: ${offered} sent, ${decided} decided`);
}
