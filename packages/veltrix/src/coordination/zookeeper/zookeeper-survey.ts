import type { Member } from '../coordinator.ts';
import { decodeMember } from '../member-document.ts';
import { type PlaceContent, readPlace } from '../tree/read-place.ts';
import type { TreeNode } from '../tree/tree.ts';
import { type Answer, accepting, attempt } from '../tree/tree-attempt.ts';
import { treePaths } from '../tree/tree-place.ts';
import { textOf } from '../tree/tree-text.ts';
import { openZooKeeperSurvey, type ZooKeeperOptions } from './zookeeper-coordination.ts';

export interface ZooKeeperSurvey {
  readonly content: PlaceContent;
  /** What the service made of the time-out that was asked for. */
  readonly grantedSessionMs: number;
  /** Whose sessions live. */
  readonly members: readonly Member[];
}

/**
 * Looks at the place of a cluster in a session of its own, and writes nothing. Rejects with
 * `veltrix-coordination-unavailable`, `veltrix-coordination-damaged`, `veltrix-coordination-refused`,
 * `veltrix-coordination-not-zookeeper`, after `answerTimeoutMs` for each question at the latest.
 */
export async function surveyZooKeeper(
  options: Omit<ZooKeeperOptions, 'plan'>,
): Promise<ZooKeeperSurvey> {
  const { tree, clock, timings, name } = openZooKeeperSurvey(options);
  const ask = <T>(path: string, send: (answer: Answer<T>) => void): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      const context = { tree, clock, timings, place: `${name}${path}` };
      attempt<T>(context, send, (error, value) => (error ? reject(error) : resolve(value)));
    });
  try {
    const content = await new Promise<PlaceContent>((resolve, reject) => {
      readPlace({ tree, clock, timings, name }, (error, found) =>
        found === undefined ? reject(error) : resolve(found),
      );
    });
    const grantedSessionMs = tree.grantedSessionMs ?? 0;
    const ids = await ask<readonly string[]>(treePaths.members, (answer) =>
      tree.children(
        treePaths.members,
        undefined,
        accepting<readonly string[]>('missing', [], answer),
      ),
    );
    const members: Member[] = [];
    for (const id of [...(ids ?? [])].sort()) {
      const path = `${treePaths.members}/${id}`;
      const node = await ask<TreeNode | undefined>(path, (answer) =>
        tree.read(path, undefined, answer),
      );
      // One that has left meanwhile.
      if (node !== undefined) members.push(decodeMember(textOf(node.data), `${name}${path}`));
    }
    return { content, grantedSessionMs, members };
  } finally {
    await new Promise<void>((resolve) => tree.close(resolve));
  }
}
