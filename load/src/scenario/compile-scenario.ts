import { DocumentReader } from 'veltrix/document';
import { type ArrivalCurve, curveOf } from '../arrivals/arrival-curve.ts';
import { loadErrors } from '../errors.ts';
import {
  connectionsFor,
  type LatencyObjective,
  type Objectives,
  type Phase,
  type Scenario,
} from './scenario.ts';
import { type ScenarioProblem, type ScenarioReader, scenarioDialect } from './scenario-dialect.ts';
import { commandsPerPlayerAndSecond, scenarioLimits } from './scenario-limits.ts';
import { type Action, actions, type ScenarioDraft, scenarioShape } from './scenario-shape.ts';

export interface CompiledScenario {
  /** Set exactly when there are no problems. */
  readonly scenario?: Scenario;
  /** By position, at most `scenarioLimits.problems`. */
  readonly problems: readonly ScenarioProblem[];
}

const usualMix: Partial<Record<Action, number>> = {
  ...{ 'answer-wrong': 60, 'answer-right': 20, progress: 10, standings: 10 },
};
const noObjectives: Objectives = { latencies: [], errors: undefined, goodput: undefined };
const quantiles = { p50: 0.5, p90: 0.9, p99: 0.99, 'p99.9': 0.999, longest: 1 } as const;
/** How long an answer may take for the number of connections, where no objective says. */
const usualAnswerMs = 250;
const connectionsMost = 20_000;
const playersLeast = 10;
/** A crowd of players who answer this often each, where the scenario does not say how many they are. */
const usualPerPlayer = 2;

/**
 * Compiles a scenario: YAML 1.2 without aliases and tags, at most 64 KiB. Never throws, whatever the
 * source holds; the same source gives the same scenario. `file` only appears in the problems.
 */
export function compileScenario(source: string, file: string): CompiledScenario {
  const reader = new DocumentReader(scenarioDialect, source, file);
  const draft = reader.read(scenarioShape);
  const scenario = draft && scenarioFrom(draft, reader);
  return scenario !== undefined && reader.faultless
    ? { scenario, problems: [] }
    : { problems: reader.problems() };
}

/** The same for who wants it or nothing. Throws load-scenario-invalid. */
export function scenarioOf(source: string, file: string): Scenario {
  const { scenario, problems } = compileScenario(source, file);
  if (scenario !== undefined) return scenario;
  const { line, column, id, message, hint } = problems[0]!;
  throw loadErrors.create('load-scenario-invalid', {
    ...{ file, count: problems.length, line, column, problem: `${message} (${id})`, hint },
  });
}

function scenarioFrom(draft: ScenarioDraft, reader: ScenarioReader): Scenario | undefined {
  if ((draft.phases === undefined) === (draft.trace === undefined) && reader.faultless) {
    reader.add('trace', 'load-scenario-keys-conflict', {
      ...{ path: 'the scenario', choices: 'phases and trace' },
    });
  }
  const phases = (draft.phases ?? []).flatMap((phase, index) => {
    const path = `phases[${index}]`;
    const { curve, for: durationMs, rate, peak, counts } = phase ?? {};
    if (curve === undefined || durationMs === undefined || rate === undefined) return [];
    if (curve !== 'steady' && peak === undefined) {
      reader.add(path, 'load-scenario-peak-missing', { path, curve });
    } else if (curve === 'steady' && peak !== undefined) {
      reader.add(`${path}.peak`, 'load-scenario-peak-useless', { path });
    }
    return [{ curve, durationMs, rate, peak: peak ?? rate, counts: counts !== 'no' }];
  });
  if (!reader.faultless) return undefined;
  const mix = Object.fromEntries(
    actions.map((action) => [action, (draft.mix ?? usualMix)[action] ?? 0]),
  ) as Record<Action, number>;
  const objectives = objectivesOf(draft);
  const answerMs = answerMsOf(objectives);
  const peak = Math.max(0, ...phases.map(({ rate, peak }) => Math.max(rate, peak)));
  const isTraced = draft.trace !== undefined;
  const usualPlayers = Math.max(playersLeast, Math.ceil(peak / usualPerPlayer));
  const players = draft.players ?? (isTraced ? 0 : Math.min(scenarioLimits.players, usualPlayers));
  const connections =
    draft.connections ?? (isTraced ? 0 : Math.min(connectionsMost, connectionsFor(peak, answerMs)));
  const { knee = {}, trace } = draft;
  const scenario: Scenario = {
    name: draft.scenario!,
    hunt: draft.hunt,
    seed: draft.seed ?? 1,
    players,
    connections,
    live: draft.live ?? 0,
    timeoutMs: draft.timeout ?? 10_000,
    spacing: draft.spacing ?? 'poisson',
    phases,
    trace: trace && {
      file: trace.file!,
      speed: trace.speed ?? 1,
      fromMs: trace.from ?? 0,
      forMs: trace.for ?? Number.MAX_SAFE_INTEGER,
    },
    mix,
    objectives,
    threads: draft.generator?.threads ?? 1,
    latenessMs: draft.generator?.lateness ?? 10,
    knee: {
      from: knee.from ?? 50,
      most: knee.most ?? kneeMost(players, connections, answerMs),
      stepMs: knee.step ?? 5_000,
      precision: knee.precision ?? 0.1,
    },
  };
  checkSustainable(scenario, answerMs, Math.max(peak, knee.most ?? 0), reader);
  return scenario;
}

/** How long answers may take while the objectives hold. */
export function answerMsOf({ latencies }: Objectives): number {
  const tail = latencies.find(({ name }) => name === 'p99') ?? latencies.at(-1);
  return tail?.mostMs ?? usualAnswerMs;
}

/**
 * What so many players may send, and so many connections carry, without either being in the way. Half of
 * what each player may: some send more than others.
 */
function kneeMost(players: number, connections: number, answerMs: number): number {
  const byPlayers = (players * commandsPerPlayerAndSecond) / 2;
  return Math.max(1, Math.floor(Math.min(byPlayers, (connections / answerMs) * 1_000)));
}

function objectivesOf({ objectives }: ScenarioDraft): Objectives {
  if (objectives === undefined) return noObjectives;
  const latencies = Object.entries(quantiles).flatMap(([name, quantile]): LatencyObjective[] => {
    const mostMs = objectives[name as keyof typeof quantiles];
    return mostMs === undefined ? [] : [{ name, quantile, mostMs }];
  });
  return { latencies, errors: objectives.errors, goodput: objectives.goodput };
}

/** What cannot be sent at all, or would measure the generator or the limit of one player. */
function checkSustainable(
  scenario: Scenario,
  answerMs: number,
  perSecond: number,
  reader: ScenarioReader,
): void {
  const { phases, players, connections, mix, trace } = scenario;
  const weights = Object.values(mix).reduce((sum, weight) => sum + weight, 0);
  if (trace !== undefined) return;
  const counted = phases.filter(({ counts }) => counts);
  const count = Math.round(arrivalsIn(phases));
  if (arrivalsIn(counted) < 1 || weights === 0) {
    reader.add(weights === 0 ? 'mix' : 'phases', 'load-scenario-arrivals-none', {});
  }
  if (count > scenarioLimits.arrivals) {
    const limit = scenarioLimits.arrivals;
    reader.add('phases', 'load-scenario-arrivals-too-many', { count, limit });
  }
  const limit = commandsPerPlayerAndSecond;
  if (players * limit < perSecond) {
    const each = Number((perSecond / players).toPrecision(3));
    const least = Math.ceil(perSecond / limit);
    reader.add(
      'players',
      'load-scenario-players-too-few',
      { perSecond, players, each, limit },
      `Give at least ${least} players, or lower the rates.`,
    );
  }
  const least = Math.ceil((perSecond * answerMs) / 1_000);
  if (connections < least) {
    reader.add(
      'connections',
      'load-scenario-connections-too-few',
      { perSecond, limitMs: answerMs, connections, least },
      `Raise connections to ${least} or more, or leave it out.`,
    );
  }
}

function arrivalsIn(phases: readonly Phase[]): number {
  const curves: readonly ArrivalCurve[] = phases.map(curveOf);
  return curves.reduce((sum, { arrivalsBy, durationMs }) => sum + arrivalsBy(durationMs), 0);
}
