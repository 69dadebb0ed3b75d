import type { Mix } from './capacity.ts';
import { sizingErrors } from './errors.ts';

/** What may be used at most; what is left out is not limited, or is as on the calibrated machine. */
export interface Budget {
  /** Of the engine: servers beside it are counted apart. */
  readonly nodes?: number | undefined;
  /** Of one node. */
  readonly cores?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Of one node and hour, in any currency. */
  readonly price?: number | undefined;
  /** Of all nodes of the engine and one hour. */
  readonly pricePerHour?: number | undefined;
}

/** What a deployment is to take. */
export interface SizeRequest {
  readonly players: number;
  readonly teamSize: number;
  /** Arrivals a second at the worst moment. */
  readonly peak: number;
  readonly mix: Mix;
  /** Live connections at the worst moment. */
  readonly live: number;
  /** How long the hunt goes on. */
  readonly hours: number;
  /** Arrivals in all that time. */
  readonly arrivals: number;
  /** Share of what can be used that stays free at the peak, 0 to below 1. */
  readonly headroom: number;
  /** A node may be lost: never a single process. */
  readonly isRedundant: boolean;
  readonly budget: Budget;
}

const limits: Readonly<Record<string, readonly [least: number, most: number]>> = {
  players: [1, 100_000_000],
  teamSize: [1, 1_000],
  peak: [1, 10_000_000],
  live: [0, 100_000_000],
  hours: [0.01, 24 * 366],
  arrivals: [0, 1e13],
  headroom: [0, 0.9],
};
const budgetLimits: Readonly<Record<keyof Budget, readonly [least: number, most: number]>> = {
  nodes: [1, 10_000],
  cores: [1, 1_024],
  memoryBytes: [2 ** 28, 2 ** 44],
  price: [0, 1e6],
  pricePerHour: [0, 1e9],
};

/** Throws sizing-request-invalid for the first number that is out of range. */
export function checkSizeRequest(request: SizeRequest): void {
  for (const [name, range] of Object.entries(limits)) {
    check(name, request[name as 'players'], range);
  }
  for (const [name, range] of Object.entries(budgetLimits)) {
    const value = request.budget[name as keyof Budget];
    if (value !== undefined) check(`budget ${name}`, value, range);
  }
}

function check(what: string, value: number, [least, most]: readonly [number, number]): void {
  if (value >= least && value <= most) return;
  throw sizingErrors.create('sizing-request-invalid', {
    ...{ what, expected: `a number from ${least} to ${most}`, found: String(value) },
  });
}
