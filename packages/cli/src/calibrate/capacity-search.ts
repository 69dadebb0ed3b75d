import type { Mix } from '@hunt/engine/sizing';
import { type LoadReport, runLoad, type Scenario, scenarioOf } from '@hunt/load';
import type { HuntDefinition } from '@hunt/rules';

/** How a rate that a server takes is looked for. */
export interface CapacitySearch {
  readonly mix: Mix;
  readonly live: number;
  readonly p99Ms: number;
  /** Arrivals a second. */
  readonly from: number;
  readonly most: number;
  readonly stepMs: number;
  /** Relative width of the interval that is left at the end. */
  readonly precision: number;
}

export interface SearchTarget {
  readonly baseUrl: string;
  readonly hunt: HuntDefinition;
  readonly scanCodes: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (text: string) => void;
}

/** What most players do most of the time. */
export const referenceMix = {
  ...{ 'answer-wrong': 60, 'answer-right': 20, progress: 10, standings: 10 },
} as const;

export type FoundCapacity = NonNullable<LoadReport['knee']>;

/** Later than this the generator calls itself saturated: it shares the machine with the server. */
const latenessMs = 50;
const errorsMost = '1%';
/** As many answers may be on their way while the objective holds, with room to spare. */
const connectionsMost = 8_000;
const perPlayerAndSecond = 10;

/** Looks for the highest rate of a mix at which the objective holds. Throws what `runLoad` does. */
export async function searchCapacity(
  search: CapacitySearch,
  { baseUrl, hunt, scanCodes, signal, onProgress = () => {} }: SearchTarget,
): Promise<FoundCapacity> {
  const scenario = capacityScenario(search);
  const report = await runLoad({
    ...{ scenario, hunt, scanCodes, baseUrl, signal, onProgress, isSearch: true },
  });
  return report.knee!;
}

/** How many players such a search has, a team each. */
export function searchPlayers({ most }: Pick<CapacitySearch, 'most'>): number {
  return Math.max(10, Math.ceil(most / perPlayerAndSecond));
}

function capacityScenario(search: CapacitySearch): Scenario {
  const { mix, live, p99Ms, stepMs, precision } = search;
  const [from, most] = [Math.max(1, Math.floor(search.from)), Math.max(2, Math.ceil(search.most))];
  const connections = Math.min(connectionsMost, Math.max(64, Math.ceil((most * p99Ms) / 1_000)));
  const lines = [
    'scenario: Capacity',
    `players: ${searchPlayers({ most })}`,
    `connections: ${connections}`,
    `live: ${live}`,
    `phases: [{ curve: steady, for: ${stepMs}ms, rate: ${from}/s }]`,
    `mix: { ${Object.entries(mix)
      .map(([kind, weight]) => `${kind}: ${weight}`)
      .join(', ')} }`,
    `objectives: { p99: ${p99Ms}ms, errors: ${errorsMost} }`,
    `generator: { lateness: ${latenessMs}ms }`,
    `knee: { from: ${from}/s, most: ${most}/s, step: ${stepMs}ms, precision: ${Math.round(precision * 100)}% }`,
  ];
  return scenarioOf(`${lines.join('\n')}\n`, 'a scenario made for capacity');
}
