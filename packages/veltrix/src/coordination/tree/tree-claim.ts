import type { CodedError } from '../../coded-error.ts';
import { surelyAhead } from './surely-ahead.ts';
import type { TreeNode, TreeResult } from './tree.ts';
import { accepting, isPassing } from './tree-attempt.ts';
import { treeError } from './tree-error.ts';
import type { TreePlace } from './tree-place.ts';
import { textOf } from './tree-text.ts';
import { TreeWatch } from './tree-watch.ts';

export interface TreeClaimOptions {
  readonly place: TreePlace;
  readonly path: string;
  readonly data: Uint8Array;
  /** Whether an entry was left by a former session of this very process. */
  readonly isFormerOurs: (text: string) => boolean;
  /** @param aheadMs see `surelyAhead` */
  readonly held: (aheadMs: number) => void;
  readonly lost: () => void;
  /** Somebody else has it, and has written this. */
  readonly taken?: (text: string) => void;
  readonly problem: (error: Error) => void;
}

/**
 * Holds an ephemeral node for as long as it can be had: a seat among the members, or the office of the leader.
 *
 * All candidates watch the one node, rather than each its predecessor in a queue: a change of leader costs
 * each node one notification and two requests at any count, and a node made without an answer needs no search
 * for orphans.
 */
export class TreeClaim {
  readonly #options: TreeClaimOptions;
  readonly #watch: TreeWatch<TreeNode | undefined>;
  #isHeld = false;
  #isActing = false;
  #isStopped = false;
  #isPrepared = false;
  /** When this process first asked for the entry that it does not have yet, by its own clock. */
  #askedAt: number | undefined;
  #cancelStart: () => void = () => {};

  constructor(options: TreeClaimOptions) {
    this.#options = options;
    const { tree, clock, timings } = options.place.options;
    this.#watch = new TreeWatch({
      clock,
      timings,
      place: options.place.nameOf(options.path),
      look: (changed, done) => tree.read(options.path, changed, done),
      show: (node) => this.#shown(node),
      problem: options.problem,
    });
  }

  /** Nothing is looked at, let alone written, before the place is known to be ours. */
  start(): void {
    const { place, problem } = this.#options;
    const { clock, timings } = place.options;
    this.#isPrepared = false;
    place.prepare((error) => {
      if (this.#isStopped) return;
      if (error) {
        problem(error);
        // Whoever was told may have given up.
        if (this.#isStopped) return;
        const isFinal = (error as CodedError).retry === 'never';
        this.#cancelStart = clock.after(isFinal ? timings.recheckMs : timings.retryMs, () =>
          this.start(),
        );
        return;
      }
      this.#isPrepared = true;
      this.#watch.look();
    });
  }

  /** To be called when a session begins or has ended. */
  sessionChanged(state: 'connected' | 'expired'): void {
    if (state === 'expired') this.#letGo();
    else this.look();
  }

  look(): void {
    if (this.#isPrepared) this.#watch.look();
  }

  /** Takes it away from whoever has it, if it is still the one who wrote this. */
  takeFrom(text: string): void {
    const { path, place } = this.#options;
    const { tree } = place.options;
    tree.read(path, undefined, (found) => {
      if (this.#isStopped || !found.ok || !found.value || textOf(found.value.data) !== text) return;
      tree.remove(path, found.value.version, () => this.#watch.look());
    });
  }

  /** Lets go without telling the service: its session ends. */
  abandon(): void {
    this.#isStopped = true;
    this.#isHeld = false;
    this.#cancelStart();
    this.#watch.stop();
  }

  /** Lays it down, and calls back when nothing of it is left that could be found. */
  stop(done: () => void): void {
    this.abandon();
    this.#release(done);
  }

  #shown(node: TreeNode | undefined): void {
    if (this.#isActing) return;
    const { path, data, place, isFormerOurs } = this.#options;
    const { tree, clock } = place.options;
    if (node?.isOurs) return this.#hold(node.madeAt);
    this.#letGo();
    if (node === undefined) {
      this.#isActing = true;
      this.#askedAt ??= clock.now();
      tree.create(
        path,
        data,
        'ephemeral',
        accepting('exists', undefined, (r) => this.#acted(r)),
      );
    } else if (isFormerOurs(textOf(node.data))) {
      this.#isActing = true;
      tree.remove(
        path,
        node.version,
        accepting('missing', undefined, (r) => this.#acted(r)),
      );
    } else this.#options.taken?.(textOf(node.data));
  }

  #acted(result: TreeResult<undefined>): void {
    this.#isActing = false;
    if (this.#isStopped) return;
    if (result.ok || result.failure === 'version') return this.#watch.look();
    const { place, path, problem } = this.#options;
    const { timings } = place.options;
    if (result.failure === 'missing') {
      place.forget();
      this.start();
      return;
    }
    if (!isPassing(result.failure)) problem(treeError(result.failure, place.nameOf(path)));
    if (!this.#isStopped) this.#watch.lookAfter(timings.retryMs);
  }

  #hold(madeAt: number): void {
    if (this.#isHeld || this.#isStopped) return;
    this.#isHeld = true;
    const now = this.#options.place.options.clock.now();
    const aheadMs = surelyAhead(madeAt, this.#askedAt ?? madeAt, now);
    this.#askedAt = undefined;
    this.#options.held(aheadMs);
  }

  #letGo(): void {
    if (!this.#isHeld || this.#isStopped) return;
    this.#isHeld = false;
    this.#options.lost();
  }

  /** A creation that is still on its way comes before this read, since a session keeps the order. */
  #release(done: () => void): void {
    const { path, place } = this.#options;
    const { tree, clock, timings } = place.options;
    const again = () => clock.after(timings.retryMs, () => this.#release(done));
    tree.read(path, undefined, (found) => {
      if (!found.ok) return found.failure === 'unknown' ? again() : done();
      if (!found.value?.isOurs) return done();
      tree.remove(path, found.value.version, (removed) => {
        if (!removed.ok && removed.failure === 'unknown') again();
        else done();
      });
    });
  }
}
