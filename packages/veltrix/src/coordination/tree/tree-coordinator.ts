import type { CodedError } from '../../coded-error.ts';
import { veltrixErrors } from '../../errors.ts';
import {
  type Assignment,
  assertSuccessor,
  decodeAssignment,
  encodeAssignment,
  type VersionedAssignment,
} from '../assignment-document.ts';
import { firstLevels } from '../cluster-level.ts';
import type {
  Candidate,
  Coordinator,
  LoadReport,
  Member,
  MemberDescription,
  SessionState,
  Watcher,
} from '../coordinator.ts';
import { DocumentShape, isPlainName } from '../document-shape.ts';
import { decodeLeaderReport, encodeLeaderReport, type LeaderReport } from '../leader-report.ts';
import type { Life } from '../lifelines.ts';
import { decodeLoad, encodeLoad, encodeMember, encryptionOf } from '../member-document.ts';
import { MemberWatch } from './member-watch.ts';
import type { TreeNode } from './tree.ts';
import { TreeClaim } from './tree-claim.ts';
import { type TreePlace, treePaths } from './tree-place.ts';
import { TreeReporter } from './tree-reporter.ts';
import { bytesOf, textOf } from './tree-text.ts';
import { TreeWatch } from './tree-watch.ts';

/** An assignment of so many bytes is looked at every `recheckMs`, a larger one less often. */
const recheckedBytes = 4_096;

/** The coordinator over any tree. `instance` is another one in each life of a process. */
export class TreeCoordinator implements Coordinator {
  readonly #place: TreePlace;
  readonly #instance: string;
  readonly #claims = new Set<TreeClaim>();
  readonly #watches = new Set<{ look(): void; stop(): void }>();
  readonly #listeners: ((state: SessionState) => void)[] = [];
  #reporter: TreeReporter<LoadReport> | undefined;
  #leaderReporter: TreeReporter<LeaderReport> | undefined;
  /** Runs while the entry of this node is somebody else's. */
  #seatTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(place: TreePlace, instance: string) {
    this.#place = place;
    this.#instance = instance;
    place.options.tree.onSession((state) => this.#sessionChanged(state));
    place.onClose(() => {
      for (const watch of this.#watches) watch.stop();
    });
  }

  join(member: MemberDescription, done: (error?: Error) => void): void {
    const { clock, plan, timings, clockSkewMaxMs: limitMs } = this.#place.options;
    if (!isPlainName(member.nodeId)) {
      const error = veltrixErrors.create('veltrix-node-id-invalid', { nodeId: member.nodeId });
      clock.defer(() => done(error));
      return;
    }
    let isAnswered = false;
    let isLastLook = false;
    const answer = (error?: Error) => {
      this.#stopWaitingForSeat();
      if (isAnswered) return;
      isAnswered = true;
      if (error) this.#drop(claim);
      done(error);
    };
    const path = `${treePaths.members}/${member.nodeId}`;
    const details = { place: this.#place.nameOf(path), nodeId: member.nodeId };
    const { levels = firstLevels } = member;
    const claim = new TreeClaim({
      place: this.#place,
      path,
      data: bytesOf(encodeMember({ ...member, levels, instance: this.#instance, plan })),
      isFormerOurs: (text) => text.includes(JSON.stringify(this.#instance)),
      held: (aheadMs) => {
        if (Math.abs(aheadMs) <= limitMs) return answer();
        const skew = `${Math.abs(aheadMs)} ms ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
        answer(veltrixErrors.create('veltrix-node-clock-skew', { ...details, skew, limitMs }));
      },
      lost: () => {},
      taken: () => {
        if (isAnswered) return;
        if (this.#seatTimer === undefined) {
          isLastLook = false;
          this.#seatTimer = clock.after(timings.takenTimeoutMs, () => {
            // It may have gone without our being told.
            isLastLook = true;
            claim.look();
          });
        } else if (isLastLook) {
          answer(veltrixErrors.create('veltrix-coordination-node-taken', details));
        }
      },
      problem: (error) => {
        if ((error as CodedError).retry === 'never') answer(error);
      },
    });
    const loadPath = `${treePaths.loads}/${member.nodeId}`;
    this.#reporter = new TreeReporter(this.#place, loadPath, encodeLoad);
    this.#claims.add(claim);
    claim.start();
  }

  report(load: LoadReport): void {
    this.#reporter?.report(load);
  }

  watchMembers(watcher: Watcher<readonly Member[]>): () => void {
    return this.#keep(new MemberWatch(this.#place, watcher));
  }

  readLoads(
    nodeIds: readonly string[],
    done: (error: Error | undefined, loads: ReadonlyMap<string, LoadReport>) => void,
  ): void {
    const { clock } = this.#place.options;
    const loads = new Map<string, LoadReport>();
    let waiting = nodeIds.length;
    let failure: Error | undefined;
    if (waiting === 0) clock.defer(() => done(undefined, loads));
    for (const nodeId of nodeIds) {
      const path = `${treePaths.loads}/${nodeId}`;
      this.#place.read(path, (error, node) => {
        failure ??= error;
        const load = node && readableLoad(node, path);
        if (load) loads.set(nodeId, load);
        waiting -= 1;
        if (waiting === 0) done(failure, loads);
      });
    }
  }

  campaign(candidate: Candidate): () => void {
    const { place = { nodeId: '', address: '' } } = candidate;
    const claim = new TreeClaim({
      place: this.#place,
      path: treePaths.leader,
      data: bytesOf(JSON.stringify({ ...place, instance: this.#instance })),
      taken: (text) => {
        const leader = readableLife(text);
        if (leader) candidate.led?.(leader, () => claim.takeFrom(text));
      },
      isFormerOurs: (text) => text.includes(JSON.stringify(this.#instance)),
      held: candidate.elected,
      lost: candidate.deposed,
      problem: (error) => candidate.problem?.(error),
    });
    this.#claims.add(claim);
    claim.start();
    return () => this.#drop(claim);
  }

  reportAsLeader(report: LeaderReport): void {
    this.#leaderReporter ??= new TreeReporter(
      this.#place,
      treePaths.leaderReport,
      encodeLeaderReport,
    );
    this.#leaderReporter.report(report);
  }

  readLeaderReport(
    done: (error: Error | undefined, report: LeaderReport | undefined) => void,
  ): void {
    this.#place.read(treePaths.leaderReport, (error, node) =>
      done(error, error === undefined && node ? readableReport(node) : undefined),
    );
  }

  readAssignment(
    done: (error: Error | undefined, present: VersionedAssignment | undefined) => void,
  ): void {
    this.#place.read(treePaths.assignment, (error, node) => {
      if (error) return done(error, undefined);
      let present: VersionedAssignment | undefined;
      try {
        present = this.#decode(node);
      } catch (damage) {
        return done(damage as Error, undefined);
      }
      done(undefined, present);
    });
  }

  watchAssignment(watcher: Watcher<VersionedAssignment | undefined>): () => void {
    const { tree, clock, timings } = this.#place.options;
    let shown: { readonly seen: string | undefined } | undefined;
    return this.#keep(
      new TreeWatch<TreeNode | undefined>({
        clock,
        timings,
        place: this.#place.nameOf(treePaths.assignment),
        look: (changed, done) => tree.read(treePaths.assignment, changed, done),
        // Its size grows with the cluster, and all nodes read it: that must not cost each of them more.
        recheckMs: (node) =>
          timings.recheckMs * Math.max(1, (node?.data.length ?? 0) / recheckedBytes),
        show: (node) => {
          const seen = node && `${node.version} ${textOf(node.data)}`;
          if (shown && shown.seen === seen) return;
          shown = { seen };
          let value: VersionedAssignment | undefined;
          try {
            value = this.#decode(node);
          } catch (error) {
            return watcher.problem?.(error as Error);
          }
          watcher.changed(value);
        },
        problem: (error) => watcher.problem?.(error),
      }),
    );
  }

  writeAssignment(
    base: VersionedAssignment | undefined,
    next: Assignment,
    done: (error: Error | undefined, written: VersionedAssignment | undefined) => void,
  ): void {
    const { plan, clock } = this.#place.options;
    try {
      assertSuccessor(base, next, plan.partitionCount);
    } catch (error) {
      clock.defer(() => done(error as Error, undefined));
      return;
    }
    const text = encodeAssignment(next);
    this.#place.compareAndSet(treePaths.assignment, base?.version, text, (error, version) =>
      done(error, version === undefined ? undefined : { ...next, version }),
    );
  }

  onSession(listener: (state: SessionState) => void): void {
    this.#listeners.push(listener);
  }

  close(done: () => void): void {
    if (this.#isClosed) return this.#place.options.clock.defer(done);
    this.#isClosed = true;
    this.#stopWaitingForSeat();
    // The session takes its entries along.
    for (const claim of this.#claims) claim.abandon();
    this.#place.close(done);
  }

  #decode(node: TreeNode | undefined): VersionedAssignment | undefined {
    if (node === undefined) return undefined;
    const { partitionCount } = this.#place.options.plan;
    const place = this.#place.nameOf(treePaths.assignment);
    return decodeAssignment(textOf(node.data), node.version, partitionCount, place);
  }

  #keep(watch: { look(): void; stop(): void }): () => void {
    this.#watches.add(watch);
    watch.look();
    return () => {
      this.#watches.delete(watch);
      watch.stop();
    };
  }

  #stopWaitingForSeat(): void {
    this.#seatTimer?.();
    this.#seatTimer = undefined;
  }

  #drop(claim: TreeClaim): void {
    if (!this.#claims.delete(claim)) return;
    claim.stop(() => {});
  }

  #sessionChanged(state: SessionState): void {
    if (this.#isClosed) return;
    // Out of touch, nobody can see whether the other one is still there.
    if (state !== 'connected') this.#stopWaitingForSeat();
    if (state !== 'disconnected') for (const claim of this.#claims) claim.sessionChanged(state);
    if (state === 'connected') for (const watch of this.#watches) watch.look();
    for (const listener of this.#listeners) listener(state);
  }
}

/** A report somebody edited is as good as none: the node writes the next one soon. */
function readableLoad(node: TreeNode, place: string): LoadReport | undefined {
  try {
    return decodeLoad(textOf(node.data), place);
  } catch {
    return undefined;
  }
}

/** As with loads: the leader writes the next one soon. */
function readableReport(node: TreeNode): LeaderReport | undefined {
  try {
    return decodeLeaderReport(textOf(node.data), treePaths.leaderReport);
  } catch {
    return undefined;
  }
}

/** Undefined for what somebody edited: then nobody is held on to. */
function readableLife(text: string): Life | undefined {
  try {
    const shape = DocumentShape.parse(treePaths.leader, text);
    const [nodeId, instance, address] = ['nodeId', 'instance', 'address'].map((name) =>
      shape.field(name).text(),
    ) as [string, string, string];
    return { nodeId, instance, address, ...encryptionOf(shape) };
  } catch {
    return undefined;
  }
}
