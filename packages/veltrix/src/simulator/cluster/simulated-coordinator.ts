import type { AssignmentSource, PartitionAssignment } from '../../ownership/assignment-follower.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { ClusterPlan, CoordinatorFaults } from './cluster-plan.ts';

const tickMs = 20;

/** Which way a node can talk with the coordinator. */
export interface CoordinatorLink {
  out: boolean;
  in: boolean;
}

/**
 * Members with sessions, and one assignment document. Partitions of a node whose session has expired
 * go to another; epochs grow with each change of owner. Never more right than a real one: whoever it
 * takes for dead may be alive, and whoever it appoints may not hear of it.
 */
export class SimulatedCoordinator {
  faults: CoordinatorFaults;
  readonly document: PartitionAssignment[];
  readonly #plan: ClusterPlan;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #heardAt = new Map<string, number>();
  /** Told to a node in place of what is so; by node and partition. */
  readonly #lies = new Map<string, PartitionAssignment>();
  readonly #watches = new Set<() => void>();
  /** When a hand-over began, by partition. */
  readonly #movingSince: number[] = [];

  constructor(plan: ClusterPlan, queue: EventQueue, random: SeededRandom) {
    this.#plan = plan;
    this.#queue = queue;
    this.#random = random;
    this.faults = plan.coordinator;
    this.document = Array.from({ length: plan.partitionCount }, () => ({
      ...{ owner: '', epoch: 0, standby: '', next: '' },
    }));
    this.#tick();
  }

  connect(node: string, link: CoordinatorLink): AssignmentSource & { heartbeat(): void } {
    return {
      heartbeat: () => this.#carry(link, 'out', () => this.#heardAt.set(node, this.#queue.now)),
      read: (onChange, done) =>
        this.#carry(link, 'out', () => {
          const document = this.document.map(
            (present, partition) => this.#lies.get(`${node}/${partition}`) ?? present,
          );
          this.#watches.add(() => this.#notify(link, onChange));
          this.#carry(link, 'in', () => done(undefined, document));
        }),
      replace: (partition, expected, by) =>
        this.#carry(link, 'out', () => {
          const present = this.document[partition]!;
          if (!isSame(present, expected) || by.epoch < present.epoch) return;
          this.#set(partition, by);
        }),
    };
  }

  /** Tells a node that it owns a partition, though another does; `undefined` ends it. */
  mislead(node: string, partition: number, epochsAbove: number | undefined): void {
    const key = `${node}/${partition}`;
    const { epoch, owner } = this.document[partition]!;
    if (epochsAbove === undefined) this.#lies.delete(key);
    else {
      const lie = { owner: node, epoch: epoch + epochsAbove, standby: owner, next: '' };
      if (lie.epoch > 0) this.#lies.set(key, lie);
    }
    this.#set(partition, this.document[partition]!);
  }

  tellTheTruth(): void {
    this.#lies.clear();
  }

  #carry(link: CoordinatorLink, way: 'out' | 'in', arrive: () => void): void {
    if (!link[way] || this.#random.chance(this.faults.lostChance)) return;
    this.#queue.schedule(this.#random.between(0, this.faults.delayMaxMs), arrive);
  }

  #notify(link: CoordinatorLink, onChange: () => void): void {
    const { noticeLostChance, noticeDelayMaxMs } = this.faults;
    if (!link.in || this.#random.chance(noticeLostChance)) return;
    this.#queue.schedule(this.#random.between(0, noticeDelayMaxMs), onChange);
  }

  #set(partition: number, by: PartitionAssignment): void {
    this.document[partition] = by;
    const watches = [...this.#watches];
    this.#watches.clear();
    for (const fire of watches) fire();
  }

  #isLive(node: string): boolean {
    const heardAt = this.#heardAt.get(node);
    return heardAt !== undefined && this.#queue.now - heardAt <= this.#plan.sessionMs;
  }

  #pick(...except: readonly string[]): string {
    const live = [...this.#heardAt.keys()].filter(
      (node) => this.#isLive(node) && !except.includes(node),
    );
    return live.length === 0 ? '' : this.#random.pick(live);
  }

  #tick(): void {
    for (let partition = 0; partition < this.document.length; partition++) this.#check(partition);
    this.#queue.schedule(tickMs, () => this.#tick());
  }

  #check(partition: number): void {
    const { owner, standby, next, epoch } = this.document[partition]!;
    if (!this.#isLive(owner)) {
      const heir = [standby, next].find((node) => this.#isLive(node)) ?? this.#pick(owner);
      if (heir === '') return;
      this.#appoint(partition, heir, this.#pick(heir, owner), epoch + 1);
    } else if (next !== '') {
      const isOverdue = this.#queue.now - this.#movingSince[partition]! > this.#plan.handOverMs;
      if (!this.#isLive(next)) this.#set(partition, { owner, epoch, standby, next: '' });
      else if (isOverdue) this.#appoint(partition, next, owner, epoch + 1);
    } else if (!this.#isLive(standby)) {
      const other = this.#pick(owner);
      if (other !== standby) this.#set(partition, { owner, epoch, standby: other, next });
    }
  }

  #appoint(partition: number, owner: string, standby: string, epoch: number): void {
    this.#set(partition, { owner, epoch, standby, next: '' });
  }

  /**
   * A planned move, mostly to the standby when there is one, or past it; `isWarm`: always to it. Returns to whom;
   * empty when there is nobody.
   */
  move(partition: number, { isWarm = false } = {}): string {
    const present = this.document[partition]!;
    if (!this.#isLive(present.owner) || present.next !== '') return '';
    const isPast = !isWarm && this.#random.chance(0.3);
    const next =
      this.#isLive(present.standby) && !isPast ? present.standby : this.#pick(present.owner);
    if (next === '') return '';
    this.#movingSince[partition] = this.#queue.now;
    this.#set(partition, { ...present, next });
    return next;
  }
}

function isSame(x: PartitionAssignment, y: PartitionAssignment): boolean {
  return x.owner === y.owner && x.epoch === y.epoch && x.standby === y.standby && x.next === y.next;
}
