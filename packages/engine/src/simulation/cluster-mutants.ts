import type { Mutant } from './mutants.ts';

const ownership = 'veltrix/src/ownership';

/** Bugs that show only where several processes share a log. */
const planted: readonly Mutant[] = [
  {
    name: 'no-epoch-check',
    file: `${ownership}/event-gate.ts`,
    find: 'if (view.getUint32(8, true) !== this.#epoch) return otherEpoch;',
    replace: '',
    why: 'what an owner that was replaced still decides counts',
  },
  {
    name: 'no-sequence-check',
    file: `${ownership}/event-gate.ts`,
    find: 'if (view.getUint32(20, true) !== sequence) return outOfSequence;',
    replace: '',
    why: 'a decision that never arrived is passed over',
  },
  {
    name: 'reply-before-read-back',
    file: `${ownership}/partition-owner.ts`,
    find: 'this.#pending.add(decided, this.fold.effects.take());',
    replace:
      'this.#pending.add(decided, this.fold.effects.take()); this.#options.publish(this.#standby.next + this.#pending.length - 1, decided);',
    why: 'an outcome goes out that a newer owner may decide otherwise',
  },
  {
    name: 'claim-not-read-back',
    file: `${ownership}/partition-owner.ts`,
    find: 'standby.handTo(this);',
    replace:
      "standby.handTo(this); clock.after(20, () => { if (this.#state === 'claiming') this.#own(); });",
    why: 'a new owner decides before it has folded what the old one decided',
  },
  {
    name: 'resume-one-early',
    file: `${ownership}/partition-owner.ts`,
    find: "this.#commands = this.#log.follow('commands', Math.max(platform.decidedOffset + 1, 1), {",
    replace: "this.#commands = this.#log.follow('commands', Math.max(platform.decidedOffset, 1), {",
    why: 'a new owner decides the last command of the old one again',
  },
  {
    name: 'resume-one-late',
    file: `${ownership}/partition-owner.ts`,
    find: "this.#commands = this.#log.follow('commands', Math.max(platform.decidedOffset + 1, 1), {",
    replace:
      "this.#commands = this.#log.follow('commands', Math.max(platform.decidedOffset + (platform.decidedOffset > 1 ? 2 : 1), 1), {",
    why: 'a new owner leaves out a command',
  },
  {
    name: 'checkpoint-of-what-is-not-read-back',
    file: `${ownership}/partition-owner.ts`,
    find: 'if (!this.#checkpointDue || this.#pending.length > 0) return;',
    replace: 'if (!this.#checkpointDue) return;',
    why: 'a checkpoint holds decisions that may never count',
  },
  {
    name: 'fenced-owner-goes-on',
    file: `${ownership}/partition-owner.ts`,
    find: "else if (kind === 'owner') throw this.#fenced();",
    replace: "else if (kind === 'owner') this.fold.evolve(offset, bytes);",
    why: 'an owner that was replaced does not notice',
  },
  {
    name: 'append-not-repeated',
    file: `${ownership}/pending-appends.ts`,
    find: 'for (const { bytes } of this.#queue) this.#append(bytes);',
    replace: '',
    why: 'a decision that was lost on the way never arrives',
  },
  {
    name: 'release-without-waiting',
    file: `${ownership}/partition-owner.ts`,
    find: 'if (this.#pending.length === 0) this.#handBack();',
    replace: 'this.#handBack();',
    why: 'an owner that hands over keeps a state that the log does not have',
  },
  {
    name: 'stale-standby',
    file: `${ownership}/partition-standby.ts`,
    find: 'else this.#fold(offset, bytes);',
    replace: 'else if (this.next % 7 !== 0) this.#fold(offset, bytes);',
    why: 'a standby takes over with a state that lacks events',
  },
  {
    name: 'standby-folds-what-does-not-count',
    file: `${ownership}/partition-standby.ts`,
    find: 'if (verdict.dropped) this.#reader?.dropped(offset, bytes, verdict);',
    replace:
      "if (verdict.dropped && (this.#reader || verdict.kind === 'owner')) this.#reader?.dropped(offset, bytes, verdict);",
    why: 'a standby has another state than every other reader',
  },
  {
    name: 'watch-not-armed-again',
    file: `${ownership}/assignment-follower.ts`,
    find: 'if (isLatest()) this.#read();',
    replace: 'if (isLatest() && read === 1) this.#read();',
    why: 'a node hears of the first change only',
  },
  {
    name: 'duplicate-outbox',
    file: 'veltrix/src/processor/decide-platform.ts',
    find: 'if (sequence <= last) {',
    replace: 'if (sequence < last) {',
    why: 'a message that a new owner sends again acts again',
  },
  {
    name: 'outbox-not-taken-over',
    file: `${ownership}/partition-owner.ts`,
    find: 'this.#sender.flush(peer, platform.nextSequence(peer) - 1);',
    replace: '',
    why: 'messages that the old owner had not sent never arrive',
  },
  {
    name: 'timers-not-taken-over',
    file: `${ownership}/partition-owner.ts`,
    find: 'this.#timers.start();',
    replace: '',
    why: 'timers that the old owner had set never fire',
  },
  {
    name: 'timer-not-sent-again',
    file: 'veltrix/src/processor/timer-driver.ts',
    find: 'if (this.#timers.has(number)) this.#push(number, dueAt);',
    replace: '',
    why: 'a timer whose command is lost on the way never fires',
  },
  {
    name: 'never-passes-on',
    file: `${ownership}/partition-host.ts`,
    find: 'else if (owns) this.#passOn();',
    replace: '',
    why: 'an owner lets go as it is asked, and tells nobody',
  },
  {
    name: 'lets-go-and-keeps-owning',
    file: `${ownership}/partition-host.ts`,
    find: 'else if (this.owner) this.#release();',
    replace: '',
    why: 'an owner that is asked to hand over passes the partition on while it goes on deciding',
  },
  {
    name: 'window-of-an-owner-never-moves',
    file: 'veltrix/src/processor/outbox-sender.ts',
    find: 'const last = Math.min(to.durableTo, acknowledged + this.#limits.windowMessages);',
    replace: 'const last = Math.min(to.durableTo, this.#limits.windowMessages);',
    why: 'what waits behind the window of an owner is never sent',
  },
  {
    name: 'portions-lost-for-ever',
    file: 'veltrix/src/processor/outbox-sender.ts',
    find: 'to.isLost &&= to.repeatedTo < to.doubtfulTo;',
    replace: '',
    why: 'after a loss of more than a portion an owner sends nothing new',
  },
  {
    name: 'sent-and-withdrawn',
    file: 'engine/src/cluster/cluster-command-port.ts',
    find: "return this.#options.log.partition(partition).withdraw('commands', ticket);",
    replace:
      "return this.#options.log.partition(partition).withdraw('commands', ticket) || ticket > 0;",
    why: 'what the log may have is said to be undone',
  },
  {
    name: 'unanswered-is-refused',
    file: 'engine/src/gateway/command-batcher.ts',
    find: "if (error instanceof CodedError && error.id === 'veltrix-log-append-unanswered') {",
    replace: 'if (error === undefined) {',
    why: 'a command is decided though its sender was told that it was not taken',
  },
];

export const clusterMutants: readonly Mutant[] = planted.map((mutant) => ({
  ...mutant,
  world: 'cluster',
}));
