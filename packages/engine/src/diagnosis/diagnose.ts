import { type Cause, type Effect, type Evidence, effects, type Suspicion } from './cause.ts';
import { type Headroom, headroomOf } from './headroom.ts';
import { type ObservedSetting, observedSetting } from './observed-settings.ts';
import type { Unread, Watched } from './watch-processes.ts';

/** A cause that is at work. */
export interface Finding {
  readonly id: string;
  readonly title: string;
  readonly effect: Effect;
  /** From 0.5, where it begins to hurt, to 1. */
  readonly confidence: number;
  readonly where: string;
  readonly evidence: readonly Evidence[];
  readonly helps: string;
  readonly settings: readonly ObservedSetting[];
  /** The page with what to look at, from the root of the project. */
  readonly page: string;
  /** Id of the cause that explains it; null where nothing does. */
  readonly followsFrom: string | null;
}

export interface Diagnosis {
  /** Of the longest look, in seconds. */
  readonly seconds: number;
  readonly processes: readonly string[];
  /** What limits the deployment now; null when nothing does. */
  readonly limit: Finding | null;
  /** What else is at work, the worst first; what follows from something else last. */
  readonly others: readonly Finding[];
  readonly headroom: Headroom;
  readonly unread: readonly Unread[];
  /** Causes that could not be judged, since no process that was read shows their metrics. */
  readonly unjudged: readonly { readonly cause: string; readonly metrics: readonly string[] }[];
  /** Causes that were not found and may be at work all the same, and why, in words. */
  readonly unknown: readonly { readonly cause: string; readonly reason: string }[];
}

/** Of one cause; a deployment may have hundreds of processes. */
const findingsPerCause = 8;

/** What was seen of processes. */
export interface Seen extends Watched {
  /** Whether these are all that the deployment has: of those that somebody named nobody knows. */
  readonly areAll: boolean;
}

/** Holds the causes against what was seen. Pure. */
export function diagnose(causes: readonly Cause[], seen: Seen): Diagnosis {
  const { processes, unread, areAll } = seen;
  const facts = { processes, isWhole: areAll && unread.length === 0 };
  const isShown = ({ needs }: Cause) =>
    needs.length === 0 || needs.some((metric) => processes.some((one) => one.has(metric)));
  const judged = causes.filter(isShown);
  const suspicions = judged.flatMap((cause) =>
    [...cause.judge(facts)]
      .sort((one, other) => other.confidence - one.confidence)
      .slice(0, findingsPerCause)
      .map((suspicion) => ({ cause, suspicion })),
  );
  const found = suspicions
    .map((one) => ({ ...one, reason: reasonOf(one, suspicions) }))
    .sort((one, other) => rank(one) - rank(other))
    .map(({ cause, suspicion, reason }) => findingOf(cause, suspicion, reason));
  const [first, ...others] = found;
  return {
    seconds: Math.max(0, ...processes.map(({ seconds }) => seconds)),
    processes: processes.map(({ name }) => name),
    limit: first ?? null,
    others,
    headroom: headroomOf(processes),
    unread,
    unjudged: causes
      .filter((cause) => !isShown(cause))
      .map(({ id, needs }) => ({ cause: id, metrics: needs })),
    unknown: judged.flatMap((cause) => {
      const reason = cause.whyUnknown?.(facts);
      const isFound = suspicions.some((one) => one.cause === cause);
      return reason === undefined || isFound ? [] : [{ cause: cause.id, reason }];
    }),
  };
}

interface Suspected {
  readonly cause: Cause;
  readonly suspicion: Suspicion;
}

/**
 * The cause that explains another one: in the same process, or everywhere, before one of another process; and before
 * others one that nothing explains.
 */
function reasonOf(suspected: Suspected, all: readonly Suspected[]): string | undefined {
  const explaining = all.filter((other) => mayExplain(other, suspected));
  const here = explaining.filter((other) => isSamePlace(other.suspicion, suspected.suspicion));
  const found = here.length > 0 ? here : explaining;
  const root = found.find((other) => !all.some((behind) => mayExplain(behind, other)));
  return (root ?? found[0])?.cause.id;
}

function mayExplain(other: Suspected, { cause, suspicion }: Suspected): boolean {
  const { id } = other.cause;
  if (!other.cause.explains.includes(cause.id)) return false;
  if (suspicion.onlyAfter?.includes(id) === false) return false;
  // Of two that explain each other the one that is surer does.
  if (cause.explains.includes(id) && other.suspicion.confidence < suspicion.confidence)
    return false;
  return (
    isSamePlace(other.suspicion, suspicion) ||
    other.cause.explainsElsewhere?.includes(cause.id) === true
  );
}

function isSamePlace({ process }: Suspicion, other: Suspicion): boolean {
  return process === undefined || other.process === undefined || process === other.process;
}

/** What stands for itself before what follows, then by effect, then by how sure it is. */
function rank({ cause, suspicion, reason }: Suspected & { readonly reason: string | undefined }) {
  const follows = reason === undefined ? 0 : 100;
  return follows + 2 * effects.indexOf(effectOf(cause, suspicion)) + (1 - suspicion.confidence);
}

function effectOf(cause: Cause, suspicion: Suspicion): Effect {
  return suspicion.effect ?? cause.effect;
}

function findingOf(cause: Cause, suspicion: Suspicion, reason: string | undefined): Finding {
  const { id, title, page } = cause;
  const { process, where, evidence, helps, settings } = suspicion;
  return {
    ...{ id, title, effect: effectOf(cause, suspicion), where, evidence, helps },
    confidence: Math.round(suspicion.confidence * 100) / 100,
    settings: settings.map((name) => observedSetting(name, process)),
    page,
    followsFrom: reason ?? null,
  };
}
