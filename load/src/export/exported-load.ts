import type { HuntDefinition } from '@hunt/rules';
import { curveOf } from '../arrivals/arrival-curve.ts';
import { commandBodies } from '../crowd/command-bodies.ts';
import { checkActions } from '../crowd/possible-actions.ts';
import { loadErrors } from '../errors.ts';
import type { Phase, Scenario } from '../scenario/scenario.ts';
import type { Action } from '../scenario/scenario-shape.ts';

export interface ExportOptions {
  readonly scenario: Scenario;
  readonly hunt: HuntDefinition;
  readonly scanCodes: Readonly<Record<string, string>>;
  readonly baseUrl: string;
  /** What the server says at `/openapi.json`. */
  readonly openApi: unknown;
}

/** A stretch in which the rate goes straight from where it was to `perSecond`; 0 seconds: a jump. */
interface RateStage {
  readonly seconds: number;
  readonly perSecond: number;
}

/** A request of the mix. */
export interface ExportedRequest {
  readonly action: Action;
  /** Of all weights. */
  readonly share: number;
  readonly method: string;
  /** With the hunt filled in. */
  readonly path: string;
  /** Whose token it carries. */
  readonly isPlayers: boolean;
  /** One of these is sent; empty: no body. */
  readonly bodies: readonly object[];
}

/** A scenario as other tools take it: rates that are straight lines, and requests of the API. */
export interface ExportedLoad {
  readonly name: string;
  readonly baseUrl: string;
  readonly players: number;
  readonly isSolo: boolean;
  readonly timeoutSeconds: number;
  readonly startPerSecond: number;
  readonly stages: readonly RateStage[];
  readonly peakPerSecond: number;
  /** What arrives then is not judged: from the start of the load, in milliseconds. */
  readonly warmUps: readonly (readonly [fromMs: number, toMs: number])[];
  /** As many answers may be on their way while the objectives hold. */
  readonly connections: number;
  readonly requests: readonly ExportedRequest[];
  readonly join: { readonly method: string; readonly path: string };
  readonly objectives: Scenario['objectives'];
}

const operations: Readonly<Record<Action, string>> = {
  'answer-right': 'submitCommand',
  'answer-wrong': 'submitCommand',
  scan: 'submitCommand',
  'check-in': 'submitCommand',
  hint: 'submitCommand',
  claim: 'submitCommand',
  join: 'joinHunt',
  standings: 'readStandings',
  progress: 'readProgress',
};

/** Straight lines in place of a curve that bends; a drop comes at the end of one. */
const linesOfCurve = 25;
/** Just before a moment: a drop jumps at it. */
const before = 1 - 1e-9;

/** Throws load-export-trace, load-export-operation-missing, load-action-impossible. */
export function exportedLoad(options: ExportOptions): ExportedLoad {
  const { scenario, hunt, scanCodes, baseUrl, openApi } = options;
  if (scenario.trace !== undefined) {
    throw loadErrors.create('load-export-trace', { scenario: scenario.name });
  }
  checkActions(scenario.mix, hunt);
  const operation = (operationId: string) => operationOf(openApi, operationId, hunt.id);
  const weights = Object.entries(scenario.mix).filter(([, weight]) => weight > 0);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const requests = (weights as [Action, number][]).map(([action, weight]): ExportedRequest => {
    const { method, path, isPlayers } = operation(operations[action]);
    const bodies = commandBodies(action, hunt, scanCodes);
    return { action, share: weight / total, method, path, isPlayers, bodies };
  });
  const { phases, players, connections, timeoutMs, objectives, name } = scenario;
  return {
    ...{ name, baseUrl, players, connections, requests, objectives, join: operation('joinHunt') },
    isSolo: hunt.teamSize === 1,
    timeoutSeconds: timeoutMs / 1_000,
    startPerSecond: curveOf(phases[0]!).rateAt(0),
    stages: stagesOf(phases),
    warmUps: warmUpsOf(phases),
    peakPerSecond: Math.max(...phases.flatMap(({ rate, peak }) => [rate, peak])),
  };
}

function warmUpsOf(phases: readonly Phase[]): (readonly [number, number])[] {
  let endMs = 0;
  return phases.flatMap(({ counts, durationMs }) => {
    const fromMs = endMs;
    endMs += durationMs;
    return counts ? [] : [[fromMs, endMs] as const];
  });
}

function stagesOf(phases: readonly Phase[]): RateStage[] {
  const stages: RateStage[] = [];
  for (const phase of phases) {
    const { rateAt, durationMs } = curveOf(phase);
    const isStraight = phase.curve === 'steady' || phase.curve === 'ramp';
    const lines = isStraight ? 1 : linesOfCurve;
    stages.push({ seconds: 0, perSecond: rateAt(0) });
    for (let line = 1; line <= lines; line++) {
      const endMs = (durationMs * line) / lines;
      stages.push({ seconds: durationMs / 1_000 / lines, perSecond: rateAt(endMs * before) });
      const perSecond = rateAt(endMs);
      if (perSecond > stages.at(-1)!.perSecond * 1.01) stages.push({ seconds: 0, perSecond });
    }
  }
  return stages;
}

interface OpenApi {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly operationId?: string;
  readonly security?: readonly object[];
}

function operationOf(document: unknown, operationId: string, hunt: string) {
  const { paths = {} } = (document ?? {}) as OpenApi;
  for (const [template, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.operationId !== operationId) continue;
      const path = template.replace('{hunt}', encodeURIComponent(hunt));
      const isPlayers = operation.security?.some((one) => 'player' in one) === true;
      return { method: method.toUpperCase(), path, isPlayers };
    }
  }
  throw loadErrors.create('load-export-operation-missing', { operation: operationId });
}
