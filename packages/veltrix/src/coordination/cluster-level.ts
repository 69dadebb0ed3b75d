import { veltrixErrors } from '../errors.ts';
import { DocumentShape } from './document-shape.ts';

/** The key of the configuration that holds the level at which all nodes of the cluster work. */
export const clusterLevelKey = 'cluster.level';

/** What a cluster works at before anybody has raised it, and what a node knows that does not say. */
const firstLevel = 1;

/**
 * The levels a release can work at. A level stands for everything that nodes write for each other: formats of records,
 * documents and messages. A release that brings a new format knows one level more, and uses the format only
 * once the cluster has that level; so old and new releases understand each other while they run side by side.
 */
export interface LevelRange {
  readonly least: number;
  readonly most: number;
}

export const firstLevels: LevelRange = { least: firstLevel, most: firstLevel };

/** `text` as the key holds it, undefined when it was never written. Throws `veltrix-coordination-damaged`. */
export function decodeLevel(text: string | undefined): number {
  if (text === undefined) return firstLevel;
  const shape = DocumentShape.parse(`the configuration key ${clusterLevelKey}`, text);
  const level = shape.count();
  return level >= firstLevel ? level : shape.fail(`${level} instead of 1 or more`);
}

/** Throws `veltrix-level-unsupported` unless a node that knows these levels can work at the cluster's. */
export function assertLevel(level: number, { least, most }: LevelRange): void {
  if (level >= least && level <= most) return;
  throw veltrixErrors.create('veltrix-level-unsupported', { level, least, most });
}
