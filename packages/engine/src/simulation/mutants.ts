/** A bug to plant: one line of the real code, as it stands there, and what stands there instead. */
export interface Mutant {
  readonly name: string;
  /** Below `packages/`. */
  readonly file: string;
  /** Without the white space around it; exactly one line of the file must be this. */
  readonly find: string;
  readonly replace: string;
  readonly why: string;
  /** The simulated world that must find it; a contest on one node when not given. */
  readonly world?: 'contest' | 'cluster';
}

export const mutants: readonly Mutant[] = [
  {
    name: 'skip-a-sync',
    file: 'veltrix/src/log/embedded/embedded-partition.ts',
    find: 'writer.sync((error) => this.#synced(error));',
    replace: 'this.#options.clock.defer(() => this.#synced(undefined));',
    why: 'what is acknowledged is not on the disk when the power goes',
  },
  {
    name: 'skip-a-short-sync',
    file: 'veltrix/src/log/embedded/embedded-partition.ts',
    find: 'if (!hasThreadAlone || !writer.syncIfShort()) {',
    replace: 'if (!hasThreadAlone) {',
    why: 'where a partition has its thread alone, nothing is ever synced',
  },
  {
    name: 'ack-before-durable',
    file: 'veltrix/src/processor/processor.ts',
    find: "log.follow('events', 'durable', (offset, bytes) => this.#durable(offset, bytes)),",
    replace: "log.follow('events', 'written', (offset, bytes) => this.#durable(offset, bytes)),",
    why: 'an outcome goes out that a crash can still take back',
  },
  {
    name: 'decide-again-on-recovery',
    file: 'veltrix/src/processor/processor.ts',
    find: "for (let next = this.fold.platform.decidedOffset + 1; next < log.durableEnd('commands'); ) {",
    replace:
      "for (let next = this.fold.platform.decidedOffset; next < log.durableEnd('commands'); ) {",
    why: 'the last commands before a stop are decided twice',
  },
  {
    name: 'checkpoint-offset-plus-one',
    file: 'veltrix/src/processor/checkpointer.ts',
    find: "const header = this.#header(log.end('events'));",
    replace: "const header = this.#header(log.end('events') + 1);",
    why: 'a recovery leaves out the first record after the checkpoint',
  },
  {
    name: 'checkpoint-before-its-events',
    file: 'veltrix/src/processor/checkpointer.ts',
    find: "if (log.durableEnd('events') >= eventOffset) {",
    replace: "if (log.end('events') >= eventOffset) {",
    why: 'a checkpoint holds decisions that a crash takes out of the log',
  },
  {
    name: 'no-copy-on-write',
    file: 'veltrix/src/state/table.ts',
    find: 'if (page.state === awaitingCopy) this.#copies!.set(number, page.bytes.slice());',
    replace: '',
    why: 'a checkpoint mixes pages of different times',
  },
  {
    name: 'aborted-checkpoint-forgotten',
    file: 'veltrix/src/state/table.ts',
    find: 'for (const number of numbers) this.pages[number]!.state = dirty;',
    replace: 'for (const number of numbers) this.pages[number]!.state = clean;',
    why: 'pages of a checkpoint that failed are missing from the next one',
  },
  {
    name: 'forget-a-sequence-number',
    file: 'veltrix/src/processor/outbox.ts',
    find: 'this.#setPeer(destination, 0, sequence);',
    replace: '',
    why: 'messages to another partition get the same number',
  },
  {
    name: 'skip-the-inbox-check',
    file: 'veltrix/src/processor/decide-platform.ts',
    find: 'if (sequence <= last) {',
    replace: 'if (sequence < 0) {',
    why: 'a message that comes twice acts twice',
  },
  {
    name: 'message-gap-accepted',
    file: 'veltrix/src/processor/decide-platform.ts',
    find: 'if (sequence > last + 1) {',
    replace: 'if (sequence > last + 2) {',
    why: 'a message that was overtaken is lost',
  },
  {
    name: 'acknowledge-before-durable',
    file: 'veltrix/src/processor/processor.ts',
    find: 'for (const [source, sequence] of received) this.#sender.acknowledge(source, sequence);',
    replace:
      'for (const [source] of received) this.#sender.acknowledge(source, this.fold.platform.outbox.lastReceived(source));',
    why: 'the sender forgets messages that a crash takes from the receiver',
  },
  {
    name: 'never-resend',
    file: 'veltrix/src/processor/outbox-sender.ts',
    find: 'this.#send(to, to.acknowledged + 1, to.repeatedTo);',
    replace: '',
    why: 'a message that the network drops never arrives',
  },
  {
    name: 'lost-for-ever',
    file: 'veltrix/src/processor/outbox-sender.ts',
    find: 'to.isLost &&= to.repeatedTo < to.doubtfulTo;',
    replace: '',
    why: 'after a loss of more than a portion nothing new is sent',
  },
  {
    name: 'window-never-moves',
    file: 'veltrix/src/processor/outbox-sender.ts',
    find: 'const last = Math.min(to.durableTo, acknowledged + this.#limits.windowMessages);',
    replace: 'const last = Math.min(to.durableTo, this.#limits.windowMessages);',
    why: 'what waits behind the window is never sent',
  },
  {
    name: 'timer-not-cleared',
    file: 'veltrix/src/processor/timer-table.ts',
    find: 'if (row <= 0) return;',
    replace: 'return;',
    why: 'a timer that fired fires again',
  },
  {
    name: 'timer-lost-on-restore',
    file: 'veltrix/src/processor/timer-table.ts',
    find: 'this.#index.rebuild((row) => row > 0 && this.#table.page(row).words[this.#table.at(row)] !== 0);',
    replace: 'this.#index.rebuild(() => true);',
    why: 'after a checkpoint the row of counters is taken for the last timer',
  },
  {
    name: 'torn-tail-not-cut',
    file: 'veltrix/src/log/embedded/recovery.ts',
    find: 'if (end.tornBytes > 0) {',
    replace: 'if (end.tornBytes < 0) {',
    why: 'remains of a crash stand behind what is written next',
  },
  {
    name: 'rollback-forgotten',
    file: 'veltrix/src/processor/partition-fold.ts',
    find: 'this.#decision.rollBack();',
    replace: '',
    why: 'a decide that threw leaves events behind',
  },
  {
    name: 'no-rows-for-answers',
    file: 'veltrix/src/processor/outbox.ts',
    find: 'const limit = isAnswer ? this.#rows.maxRows : this.#askingMax;',
    replace:
      'const limit = isAnswer ? this.#rows.maxRows : Math.max(this.#askingMax, this.#rows.maxRows);',
    why: 'partitions that have filled up with questions to each other wait for ever',
  },
  {
    name: 'unanswerable-is-received',
    file: 'veltrix/src/processor/partition-fold.ts',
    find: 'if (!comesAgain) writeReceived(command, decision);',
    replace: 'writeReceived(command, decision);',
    why: 'a message without room for its answer never comes again',
  },
  {
    name: 'refusal-not-sent',
    file: 'veltrix/src/processor/partition-fold.ts',
    find: 'this.#application.refuse(message, code, decision);',
    replace: '',
    why: 'who sent a message that cannot be decided waits for ever',
  },
  {
    name: 'local-refusal-forgotten',
    file: 'veltrix/src/processor/partition-fold.ts',
    find: 'this.#application.refuse(message, failureCode(first), decision);',
    replace: '',
    why: 'the same where both sides are on one partition',
  },
  {
    name: 'timer-not-set-again',
    file: 'veltrix/src/processor/partition-fold.ts',
    find: 'setAgain(command, type, failureCode(this.lastDecideError), this.#decision);',
    replace: '',
    why: 'a timer that fires while there is no room is lost',
  },
  {
    name: 'ignore-dedupe',
    file: 'veltrix/src/processor/partition-fold.ts',
    find: 'if (first === undefined) this.#decideAsked(command);',
    replace: 'if (first !== null) this.#decideAsked(command);',
    why: 'a retry acts again',
  },
  {
    name: 'only-first-of-a-batch-remembered',
    file: 'veltrix/src/processor/platform-state.ts',
    find: 'if (isPlatformCommand || decision.status === decisionStatus.repeated) return;',
    replace:
      'if (isPlatformCommand || decision.status === decisionStatus.repeated || decision.index > 0) return;',
    why: 'after a restart only the first command of each batch is known again',
  },
  {
    name: 'other-content-repeats',
    file: 'veltrix/src/processor/partition-fold.ts',
    find: 'else if (first.contentHash === hash) decision.repeat(first);',
    replace: 'else if (first.contentHash !== hash + 1) decision.repeat(first);',
    why: 'another command under a used id gets the answer of the first',
  },
  {
    name: 'retention-too-eager',
    file: 'veltrix/src/log/embedded/retain-segments.ts',
    find: 'if (commands > commandsFrom || events > eventsFrom) break;',
    replace: 'if (commands > commandsFrom) break;',
    why: 'events go that a recovery still needs',
  },
  {
    name: 'claim-counted-twice',
    file: 'rules/src/treasure/claim-events.v1.ts',
    find: 'word += 1;',
    replace: 'word += 2;',
    why: 'a team holds two treasures for one grant',
  },
  {
    name: 'sold-out-off-by-one',
    file: 'rules/src/treasure/treasure-stock.ts',
    find: 'return granted + tables.treasure(row, treasureColumn.reserved) >= stockOf(hunt, item);',
    replace:
      'return granted + tables.treasure(row, treasureColumn.reserved) > stockOf(hunt, item);',
    why: 'one more is given away than there is',
  },
  {
    name: 'collected-expires-too',
    file: 'rules/src/treasure/treasure-stock.ts',
    find: 'if (tables.reservation(row, reservationColumn.number) !== number) return;',
    replace: 'if (number < 0) return;',
    why: 'a reservation that was collected goes back into stock',
  },
  {
    name: 'hint-charged-twice',
    file: 'rules/src/step/hint-taken.v1.ts',
    find: 'tables.addToTeam(row, teamColumn.points, -subject.value(view, payloadStart));',
    replace: 'tables.addToTeam(row, teamColumn.points, -2 * subject.value(view, payloadStart));',
    why: 'a team pays double',
  },
  {
    name: 'step-scored-again',
    file: 'rules/src/step/solve-step.ts',
    find: 'else if (tables.isSolved(team, number)) decision.reject(outcome.alreadySolved);',
    replace: '',
    why: 'a right answer scores as often as it is sent',
  },
  {
    name: 'reused-id-hides-outcome',
    file: 'engine/src/gateway/outcome-teller.ts',
    find: 'if (decision.code === platformCode.commandIdReused) {',
    replace: 'if (decision.code < 0) {',
    why: 'a mistaken retry changes what the first sender is told',
  },
  {
    name: 'withdrawn-and-appended',
    file: 'engine/src/processor/processor-inbox.ts',
    find: 'if (!claims.begin(ticket)) return 0;',
    replace: 'claims.begin(ticket);',
    why: 'a command is decided after its sender was told that nothing was done',
  },
  {
    name: 'begun-and-withdrawn',
    file: 'engine/src/processor/record-claims.ts',
    find: 'if (Atomics.compareExchange(this.#words, place, ticket, withdrawn) !== ticket) return false;',
    replace: 'Atomics.compareExchange(this.#words, place, ticket, withdrawn);',
    why: 'what is in the log already is said to be undone',
  },
  {
    name: 'withdrawn-for-one-of-many',
    file: 'engine/src/gateway/command-batch.ts',
    find: 'this.usefulUntil = Math.max(this.usefulUntil, until);',
    replace: 'this.usefulUntil = until;',
    why: 'one who has given up takes back the commands of those who wait',
  },
  {
    name: 'appended-and-refused',
    file: 'veltrix/src/processor/processor.ts',
    find: "log.append('commands', record, this.#traced(record, onDurable));",
    replace:
      "log.append('commands', record, this.#traced(record, onDurable)); if (this.#checkpointer.running && this.fold.platform.decidedOffset % 2 === 0) throw veltrixErrors.create('veltrix-log-closed', { partition: log.partition });",
    why: 'a command is decided after its sender was told that it was not taken',
  },
  {
    name: 'last-word-not-searched',
    file: 'engine/src/gateway/outcome-teller.ts',
    find: 'if (outcome.repeated && !known) this.#search?.want(batch.ids, idStart);',
    replace: '',
    why: 'who asks again after a restart never hears what another partition answered',
  },
  {
    name: 'last-word-taken-for-known',
    file: 'engine/src/gateway/outcome-teller.ts',
    find: 'return status !== undecided && !(repeated && isPending(code));',
    replace: 'return status !== undecided;',
    why: 'who is told twice that another partition has it never hears what that answered',
  },
  {
    name: 'one-outcome-for-all-who-ask',
    file: 'engine/src/gateway/recent-outcomes.ts',
    find: 'if (found.status !== takenBack && isWanted(found)) return found;',
    replace:
      'if (found.status !== takenBack && isWanted(found)) return Object.assign(this.#words, found);',
    why: "who asks at the same moment as somebody else is told of that one's command",
  },
  {
    name: 'one-question-for-all-who-ask',
    file: 'engine/src/gateway/asked-outcome.ts',
    find: 'archived = await archivedOutcome(archive, commandId);',
    replace:
      'archived = await (recent.asked ??= archivedOutcome(archive, commandId).finally(() => { recent.asked = undefined; }));',
    why: "who asks while the archive is asked is told what it has of somebody else's command",
  },
  {
    name: 'last-word-of-any-command',
    file: 'engine/src/archive/archived-outcome.ts',
    find: 'const about = { ...waits, partition, settles: commandId };',
    replace: 'const about = { ...waits, partition };',
    why: 'whatever the team did next is taken for the answer of another partition',
  },
  {
    name: 'recent-before-a-restart',
    file: 'engine/src/gateway/outcome-teller.ts',
    find: 'this.recent = new RecentOutcomes(options.recentMax);',
    replace: 'this.recent = globalThis.recentOutcomes ??= new RecentOutcomes(options.recentMax);',
    why: 'what a process that died had on its way is said to be on its way for ever',
  },
  {
    name: 'pending-though-archived',
    file: 'engine/src/gateway/asked-outcome.ts',
    find: 'const told = recent.find(id, 0, isSettled) ?? archived ?? recent.find(id, 0) ?? known;',
    replace: 'const told = recent.find(id, 0) ?? known ?? archived;',
    why: 'who asks hears that another partition has it, though the archive has its answer',
  },
  {
    name: 'pending-taken-for-last-word',
    file: 'engine/src/gateway/last-word-search.ts',
    find: 'if (word !== undefined && !isPending(word.code)) {',
    replace: 'if (word !== undefined) {',
    why: 'a search ends with what the archive has, though the last word is still to come',
  },
  {
    name: 'unknown-until-archived',
    file: 'engine/src/gateway/outcome-teller.ts',
    find: '} else this.#remember(batch.ids, decision.index * 16, outcome);',
    replace: '} else this.recent.takeBack(batch.places[decision.index]);',
    why: 'what is decided is said to be unknown while the archive is behind',
  },
  {
    name: 'unknown-on-its-way',
    file: 'engine/src/gateway/outcome-teller.ts',
    find: 'return this.recent.put(view, idStart, onItsWay);',
    replace: 'return -1;',
    why: 'what a gateway has taken in is said to be unknown until it is decided',
  },
  {
    name: 'socket-answers-late',
    file: 'engine/src/gateway/live/socket-commands.ts',
    find: 'this.#answer(tag, resultJson(commandId, outcome, this.#options.hunt(), request));',
    replace:
      'this.#options.defer(() => this.#answer(tag, resultJson(commandId, outcome, this.#options.hunt(), request)));',
    why: "an answer is made when the outcome that was lent for it is another command's",
  },
  {
    name: 'bonus-not-on-the-board',
    file: 'engine/src/views/standings-event.ts',
    find: 'if (type === eventType.bonusGranted) target.giveBonus(hunt, low, high, value, at);',
    replace: 'if (type === eventType.bonusGranted) return;',
    why: 'the board forgets first-solver bonuses until the next start',
  },
];
