import type { SettingName } from '../engine-settings.ts';
import type { EngineMetric } from './metrics-page.ts';
import type { ProcessFacts } from './process-facts.ts';

/** What was seen of a deployment. */
export interface DeploymentFacts {
  readonly processes: readonly ProcessFacts[];
  /** Whether every process of the deployment was read: sums over all are right then only. */
  readonly isWhole: boolean;
}

/** What it does to players, the worst first. */
export const effects = ['stops', 'misleads', 'refuses', 'slows', 'ages', 'threatens'] as const;
export type Effect = (typeof effects)[number];

/** A number that speaks for a cause. */
export interface Evidence {
  readonly metric: EngineMetric;
  /** In words, with the number and its unit. */
  readonly says: string;
}

/** A cause that is at work somewhere. */
export interface Suspicion {
  /** From 0.5, where it begins to hurt, to 1. */
  readonly confidence: number;
  /** Ids of the causes that it can follow from, where not all that explain its cause can be the reason. */
  readonly onlyAfter?: readonly string[];
  /** The process it is about; undefined for the deployment as a whole. */
  readonly process?: ProcessFacts;
  /** Where it is another one than that of the cause usually is. */
  readonly effect?: Effect;
  /** In words, as `partition 3 on node two`. */
  readonly where: string;
  readonly evidence: readonly Evidence[];
  /** What helps, in plain words. */
  readonly helps: string;
  readonly settings: readonly SettingName[];
}

/** What may limit a deployment. Pure: it sees what was measured, and nothing else. */
export interface Cause {
  /** As `slow-disk`; never used for anything else. */
  readonly id: string;
  readonly title: string;
  /** How one knows it, for the page of all causes. */
  readonly looksLike: string;
  readonly helps: string;
  readonly effect: Effect;
  /** Metrics of which some process has to show one; without them nobody knows. */
  readonly needs: readonly EngineMetric[];
  /** Ids of causes that only follow from this one, where both are at work in a process. */
  readonly explains: readonly string[];
  /** Of these, those that follow also in other processes, which wait for this one. */
  readonly explainsElsewhere?: readonly string[];
  /** With what to look at, from the root of the project. */
  readonly page: string;
  judge(facts: DeploymentFacts): Iterable<Suspicion>;
  /** Why nobody can tell from these facts that it is not at work, in words with a full stop; undefined where one can. */
  whyUnknown?(facts: DeploymentFacts): string | undefined;
}

/** What gives way when anything is short: ids of causes that threads, disks and partitions explain. */
export const givingWay: readonly string[] = ['brownout', 'reads-full', 'deadlines-pass'];
/** What other nodes see of one that is slow. */
export const seenElsewhere: readonly string[] = [...givingWay, 'slow-node'];

/** 0.5 at `from`, 1 at `to` and beyond; undefined on the other side of `from`. */
export function confidence(
  value: number | undefined,
  from: number,
  to: number,
): number | undefined {
  if (value === undefined) return undefined;
  const share = (value - from) / (to - from);
  return share < 0 ? undefined : Math.min(1, 0.5 + share / 2);
}
