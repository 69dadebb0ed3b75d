import type { Member, Watcher } from '../coordinator.ts';
import { decodeMember } from '../member-document.ts';
import type { TreeResult } from './tree.ts';
import { type TreePlace, treePaths } from './tree-place.ts';
import { textOf } from './tree-text.ts';
import { TreeWatch } from './tree-watch.ts';

type Entries = ReadonlyMap<string, string>;

/** Shows who is there: the names, watched, and then what each wrote when it joined. */
export class MemberWatch {
  readonly #place: TreePlace;
  readonly #watcher: Watcher<readonly Member[]>;
  readonly #watch: TreeWatch<Entries>;
  #shown: string | undefined;

  constructor(place: TreePlace, watcher: Watcher<readonly Member[]>) {
    this.#place = place;
    this.#watcher = watcher;
    const { clock, timings } = place.options;
    this.#watch = new TreeWatch<Entries>({
      clock,
      timings,
      place: place.nameOf(treePaths.members),
      look: (changed, done) => this.#look(changed, done),
      show: (entries) => this.#show(entries),
      problem: (error) => watcher.problem?.(error),
    });
  }

  look(): void {
    this.#watch.look();
  }

  stop(): void {
    this.#watch.stop();
  }

  #look(changed: () => void, done: (result: TreeResult<Entries>) => void): void {
    const { tree } = this.#place.options;
    tree.children(treePaths.members, changed, (names) => {
      // Nobody has made the place yet: that nobody is there is not known before.
      if (!names.ok) return done(names.failure === 'missing' ? notYet : names);
      const entries = new Map<string, string>();
      let waiting = names.value.length;
      let failure: TreeResult<Entries> | undefined;
      if (waiting === 0) return done({ ok: true, value: entries });
      for (const name of names.value) {
        tree.read(`${treePaths.members}/${name}`, undefined, (node) => {
          if (!node.ok) failure = node;
          else if (node.value) entries.set(name, textOf(node.value.data));
          waiting -= 1;
          if (waiting === 0) done(failure ?? { ok: true, value: entries });
        });
      }
    });
  }

  #show(entries: Entries): void {
    const names = [...entries.keys()].sort();
    const key = names.map((name) => `${name} ${entries.get(name)}`).join('\n');
    if (key === this.#shown) return;
    this.#shown = key;
    const members: Member[] = [];
    for (const name of names) {
      const place = this.#place.nameOf(`${treePaths.members}/${name}`);
      try {
        members.push({ ...decodeMember(entries.get(name) ?? '', place), nodeId: name });
      } catch (error) {
        this.#watcher.problem?.(error as Error);
      }
    }
    this.#watcher.changed(members);
  }
}

const notYet: TreeResult<Entries> = { ok: false, failure: 'unknown' };
