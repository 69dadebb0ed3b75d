import type { Clock } from '../../clock.ts';
import { veltrixErrors } from '../../errors.ts';
import type { LogIdentity } from '../../log/log.ts';
import { decodePlan, encodePlan } from '../member-document.ts';
import type { Tree, TreeNode } from './tree.ts';
import { type Answer, accepting, attempt, type Done, isPassing } from './tree-attempt.ts';
import { bytesOf, textOf } from './tree-text.ts';
import type { TreeTimings } from './tree-timings.ts';

export const treePaths = {
  root: '',
  plan: '/plan',
  members: '/members',
  loads: '/loads',
  leader: '/leader',
  leaderReport: '/leader-report',
  assignment: '/assignment',
  config: '/config',
} as const;

/** A node of ZooKeeper holds 1 MiB less what surrounds it; the same everywhere, so that what fits once always fits. */
export const documentMaxBytes = 900 * 1024;

const folders = [treePaths.members, treePaths.loads, treePaths.config];
const noBytes = new Uint8Array();

export interface TreePlaceOptions {
  readonly tree: Tree;
  readonly clock: Clock;
  readonly plan: LogIdentity;
  readonly timings: TreeTimings;
  /** Where the service and the prefix are, for messages. */
  readonly name: string;
  /** Largest document that is written. */
  readonly documentMaxBytes: number;
  /** How far the clock of a node that joins may be from the service's. */
  readonly clockSkewMaxMs: number;
}

/**
 * The place of one cluster in the tree: held against the plan before anything is written there, and written so
 * that an answer that got lost is cleared up.
 */
export class TreePlace {
  readonly options: TreePlaceOptions;
  readonly #stops: (() => void)[] = [];
  #isPrepared = false;

  constructor(options: TreePlaceOptions) {
    this.options = options;
  }

  /** `stop` is called when the place is closed, by whoever of those that share it. */
  onClose(stop: () => void): void {
    this.#stops.push(stop);
  }

  /** Ends the session, and all that goes on in it: a timer that is left keeps the process alive. */
  close(done: () => void): void {
    for (const stop of this.#stops) stop();
    this.options.tree.close(done);
  }

  /** For messages. */
  nameOf(path: string): string {
    return `${this.options.name}${path}`;
  }

  /**
   * Calls back without an error when the place is there and ours. Others: `veltrix-coordination-plan-mismatch`,
   * `veltrix-coordination-damaged`, `veltrix-coordination-refused`, `veltrix-coordination-unavailable`.
   */
  prepare(done: (error?: Error) => void): void {
    if (this.#isPrepared) {
      this.options.clock.defer(() => done());
      return;
    }
    this.read(treePaths.plan, (error, node) => {
      if (error) return done(error);
      if (node === undefined) return this.#makePlan(done);
      const mismatch = this.#planProblem(textOf(node.data));
      if (mismatch) done(mismatch);
      else this.#makeFolders(0, done);
    });
  }

  /** Somebody removed what was made: the next `prepare` looks at everything again. */
  forget(): void {
    this.#isPrepared = false;
  }

  read(path: string, done: Done<TreeNode | undefined>): void {
    this.#attempt(path, (answer) => this.options.tree.read(path, undefined, answer), done);
  }

  /** `base` undefined makes the node. The value is its new version. */
  compareAndSet(path: string, base: number | undefined, text: string, done: Done<number>): void {
    const { clock, documentMaxBytes } = this.options;
    const data = bytesOf(text);
    if (data.length > documentMaxBytes) {
      const details = { place: this.nameOf(path), bytes: data.length, limit: documentMaxBytes };
      const error = veltrixErrors.create('veltrix-coordination-too-large', details);
      clock.defer(() => done(error, undefined));
      return;
    }
    let isUncertain = false;
    const once = (answer: Answer<number>) =>
      this.#write(path, base, data, (result) => {
        if (result.ok || isPassing(result.failure)) {
          isUncertain ||= !result.ok;
          answer(result);
        } else if (isUncertain) this.#wasItOurs(path, text, answer);
        else answer(result);
      });
    this.prepare((error) => {
      if (error) done(error, undefined);
      else this.#attempt(path, once, done);
    });
  }

  #write(path: string, base: number | undefined, data: Uint8Array, answer: Answer<number>): void {
    const { tree } = this.options;
    if (base === undefined) {
      tree.create(path, data, 'persistent', (result) =>
        answer(result.ok ? { ok: true, value: 0 } : result),
      );
      return;
    }
    tree.write(path, data, base, (result) => {
      const isGone = !result.ok && result.failure === 'missing';
      answer(isGone ? { ok: false, failure: 'version' } : result);
    });
  }

  /** An earlier try had no answer, and now somebody has written: was it that try? */
  #wasItOurs(path: string, text: string, answer: Answer<number>): void {
    this.options.tree.read(path, undefined, (result) => {
      if (!result.ok) answer(result);
      else if (result.value !== undefined && textOf(result.value.data) === text) {
        answer({ ok: true, value: result.value.version });
      } else answer({ ok: false, failure: 'version' });
    });
  }

  #planProblem(text: string): Error | undefined {
    const place = this.nameOf(treePaths.plan);
    try {
      const found = decodePlan(text, place);
      for (const field of ['logId', 'partitionCount', 'dedupeWindow'] as const) {
        const expected = this.options.plan[field];
        if (found[field] === expected) continue;
        const details = { place, field, found: found[field], expected };
        return veltrixErrors.create('veltrix-coordination-plan-mismatch', details);
      }
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  /** Only where nothing is: a place that holds something but no plan is not ours. */
  #makePlan(done: (error?: Error) => void): void {
    const { tree, plan } = this.options;
    const namesOf = (answer: Answer<readonly string[]>) =>
      tree.children(treePaths.root, undefined, accepting<readonly string[]>('missing', [], answer));
    this.#attempt(treePaths.root, namesOf, (error, names = []) => {
      if (error) return done(error);
      // Another node was faster.
      if (names.some((name) => `/${name}` === treePaths.plan)) return this.prepare(done);
      const [foreign] = names;
      if (foreign !== undefined) {
        const reason = `it holds "${foreign}" but no plan`;
        const place = this.nameOf(treePaths.root);
        return done(veltrixErrors.create('veltrix-coordination-damaged', { place, reason }));
      }
      this.#make(treePaths.root, noBytes, (rootError) => {
        if (rootError) return done(rootError);
        // Somebody else may make it at the same moment, with another plan: compare in any case.
        this.#make(treePaths.plan, bytesOf(encodePlan(plan)), (planError) =>
          planError ? done(planError) : this.prepare(done),
        );
      });
    });
  }

  #makeFolders(from: number, done: (error?: Error) => void): void {
    const folder = folders[from];
    if (folder === undefined) {
      this.#isPrepared = true;
      done();
      return;
    }
    this.#make(folder, noBytes, (error) =>
      error ? done(error) : this.#makeFolders(from + 1, done),
    );
  }

  #make(path: string, data: Uint8Array, done: (error?: Error) => void): void {
    const { tree } = this.options;
    this.#attempt(
      path,
      (answer: Answer<undefined>) =>
        tree.create(path, data, 'persistent', accepting('exists', undefined, answer)),
      (error) => done(error),
    );
  }

  #attempt<T>(path: string, what: (answer: Answer<T>) => void, done: Done<T>): void {
    const { tree, clock, timings } = this.options;
    attempt({ tree, clock, timings, place: this.nameOf(path) }, what, done);
  }
}
