import type { Clock } from '../../clock.ts';
import { clusterSettingsKey } from '../../config/cluster-settings.ts';
import type { LogIdentity } from '../../log/log.ts';
import { clusterLevelKey, decodeLevel } from '../cluster-level.ts';
import { decodeConfig } from '../config-document.ts';
import { decodePlan } from '../member-document.ts';
import type { Tree, TreeNode } from './tree.ts';
import { attempt, type Done } from './tree-attempt.ts';
import { treePaths } from './tree-place.ts';
import { textOf } from './tree-text.ts';
import type { TreeTimings } from './tree-timings.ts';

/** What a place says of itself to whoever does not know its plan. */
export interface PlaceContent {
  /** Undefined where no node has ever joined. */
  readonly plan: LogIdentity | undefined;
  /** At which the cluster works; the first where nobody has raised it. */
  readonly level: number;
  /** The document with settings as it is stored; null where there is none. */
  readonly settings: string | null;
}

export interface ReadPlaceOptions {
  readonly tree: Tree;
  readonly clock: Clock;
  readonly timings: TreeTimings;
  /** Where the service and the prefix are, for messages. */
  readonly name: string;
}

const settingsPath = `${treePaths.config}/${clusterSettingsKey}`;

/**
 * Reads what has to be known before anything is written. Errors: `veltrix-coordination-unavailable`,
 * `veltrix-coordination-damaged`, `veltrix-coordination-refused`, `veltrix-coordination-not-zookeeper`.
 */
export function readPlace(options: ReadPlaceOptions, done: Done<PlaceContent>): void {
  const { name } = options;
  readNode(options, treePaths.plan, (planError, planNode) => {
    if (planError) return done(planError, undefined);
    const levelPath = `${treePaths.config}/${clusterLevelKey}`;
    readNode(options, levelPath, (levelError, levelNode) => {
      if (levelError) return done(levelError, undefined);
      readNode(options, settingsPath, (settingsError, settingsNode) => {
        if (settingsError) return done(settingsError, undefined);
        let content: PlaceContent;
        try {
          content = {
            plan: planNode && decodePlan(textOf(planNode.data), `${name}${treePaths.plan}`),
            level: levelOf(levelNode, `${name}${levelPath}`),
            settings: settingsNode === undefined ? null : textOf(settingsNode.data),
          };
        } catch (damage) {
          return done(damage as Error, undefined);
        }
        done(undefined, content);
      });
    });
  });
}

function levelOf(node: TreeNode | undefined, place: string): number {
  const text = node && decodeConfig(clusterLevelKey, textOf(node.data), place)[0]?.value;
  return decodeLevel(text);
}

function readNode(options: ReadPlaceOptions, path: string, done: Done<TreeNode | undefined>): void {
  const { tree, name } = options;
  attempt(
    { ...options, place: `${name}${path}` },
    (answer) => tree.read(path, undefined, answer),
    done,
  );
}
