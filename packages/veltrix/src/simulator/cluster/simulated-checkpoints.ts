import type {
  CheckpointHeader,
  CheckpointPage,
  LoadedCheckpoint,
  StateStore,
} from '../../checkpoint/state-store.ts';
import type { Clock } from '../../clock.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';

interface Image {
  readonly header: CheckpointHeader;
  readonly pages: ReadonlyMap<string, CheckpointPage>;
}

/**
 * Checkpoints that all processes share, as a compacted topic holds them: of each partition the one
 * that reaches furthest, whoever wrote it. Each writer's increments are upon what it loaded or wrote
 * last itself.
 */
export class SimulatedCheckpoints {
  /** Of a commit: it may still fail though all was written. */
  failChance = 0;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #newest = new Map<number, Image>();

  constructor(queue: EventQueue, random: SeededRandom) {
    this.#queue = queue;
    this.#random = random;
  }

  /** @param clock of the process: it hears of nothing after its death. */
  open(partition: number, clock: Clock): StateStore {
    let own: Image | undefined;
    return {
      load: (layout) => {
        const newest = this.#newest.get(partition);
        own = newest?.header.layout === layout ? newest : undefined;
        return own && loaded(own);
      },
      next: () => (own ? 'increment' : 'full'),
      begin: (header) => {
        const pages = new Map(own?.pages);
        return {
          page: (page) => {
            pages.set(`${page.table}/${page.page}`, { ...page, bytes: page.bytes.slice() });
          },
          commit: (done) => {
            this.#commit(partition, { header, pages }, (image, error) => {
              clock.defer(() => {
                own = image ?? own;
                done(error);
              });
            });
          },
          abort: () => {},
        };
      },
      oldestEventOffset: () => this.#newest.get(partition)?.header.eventOffset ?? 0,
      close: () => {},
    };
  }

  #commit(
    partition: number,
    image: Image,
    done: (image: Image | undefined, error?: Error) => void,
  ): void {
    this.#queue.schedule(this.#random.between(0, 30), () => {
      if (this.#random.chance(this.failChance)) {
        done(undefined, new Error('the checkpoint could not be written'));
        return;
      }
      const newest = this.#newest.get(partition);
      if (!newest || newest.header.eventOffset <= image.header.eventOffset) {
        this.#newest.set(partition, image);
      }
      done(image);
    });
  }
}

function loaded({ header, pages }: Image): LoadedCheckpoint {
  return {
    header,
    pages: (visit) => {
      for (const page of pages.values()) visit(page);
    },
  };
}
