import { type HuntFold, huntApplication } from '@hunt/rules/fold';
import type { Application, StateSpace } from 'veltrix';

/** Remembers the hunt folds that are opened, to read the state of a processor's. */
export class WatchedHunts {
  readonly #folds = new WeakMap<StateSpace, HuntFold>();
  readonly application: Application = {
    layout: huntApplication.layout,
    open: (space, context) => {
      const fold = huntApplication.open(space, context) as HuntFold;
      this.#folds.set(space, fold);
      return fold;
    },
  };

  of(space: StateSpace): HuntFold {
    return this.#folds.get(space)!;
  }
}
