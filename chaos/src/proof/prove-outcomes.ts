import type { Ledger, LedgerEntry } from '../crowd/ledger.ts';
import type { DecidedLog } from './decided-log.ts';
import type { Findings } from './findings.ts';
import { eventTypes, firstRefusal, outcomeWords, pendingCodes } from './outcome-words.ts';
import { commandIdAt } from './record-reader.ts';

/** What became of a command, whether at once or by a later answer of another partition. */
interface Outcome {
  readonly status: 'accepted' | 'rejected';
  readonly code: number;
  readonly a: number;
  readonly b: number;
}

/** Where a settlement has the id of the command that it is about. */
const commandIdStart = 32;

/** Every acknowledged outcome is what the log says, and what was said twice was the same. */
export function proveOutcomes(ledger: Ledger, log: DecidedLog, findings: Findings): void {
  const settled = settlements(log, findings);
  for (const entry of ledger.entries.values()) {
    const { commandId } = entry;
    const decision = log.decisions.get(commandId);
    if (decision === undefined) {
      findings.add('lost', `${tell(entry)} was acknowledged and is not in the log`);
      continue;
    }
    const status = decision.status === 0 ? 'accepted' : 'rejected';
    const first: Outcome = { status, code: decision.code, a: decision.a, b: decision.b };
    const outcome = pendingCodes.has(decision.code) ? settled.get(commandId) : first;
    const difference = compare(entry, outcome);
    if (difference === undefined) continue;
    const evidence = `${difference}; all of it: ${log.mentions.of(commandId)}`;
    findings.add('lost', `${tell(entry)}, but the log says ${evidence}`);
  }
  for (const { of, first, later } of ledger.changed) {
    findings.add('lost', `${of} was answered ${first}, then ${later}`);
  }
}

/**
 * Every join that was acknowledged happened once, and made one person; nobody else is there, but for
 * joins of which nobody knows.
 */
export function proveJoins(ledger: Ledger, log: DecidedLog, findings: Findings): void {
  const joined = new Map<string, number>();
  for (const { type, team, player } of log.events) {
    if (type !== eventTypes.playerJoined) continue;
    const key = `${team}/${player}`;
    joined.set(key, (joined.get(key) ?? 0) + 1);
  }
  const promised = new Set<string>();
  for (const { team, player } of ledger.joins.values()) {
    const key = `${team}/${player}`;
    if (!joined.has(key)) {
      findings.add('lost', `player ${player} was told to be in team ${team}, and never joined`);
    }
    if (promised.has(key)) findings.add('repeated', `two joins were told to be ${key}`);
    promised.add(key);
  }
  for (const what of ledger.disownedJoins) findings.add('lost', `a join was refused: ${what}`);
  const others = [...joined.keys()].filter((key) => !promised.has(key));
  if (others.length > ledger.joinsInDoubt) {
    const told = `${others.length} players joined whom nobody was told of (${others.slice(0, 5)})`;
    findings.add('repeated', `${told}, and ${ledger.joinsInDoubt} joins are in doubt`);
  }
  for (const [key, count] of joined) {
    if (count > 1) findings.add('repeated', `${key} joined ${count} times`);
  }
}

/** The last words on claims and collections, by the id of the command. */
function settlements(log: DecidedLog, findings: Findings): ReadonlyMap<string, Outcome> {
  const settled = new Map<string, Outcome>();
  for (const event of log.events) {
    if (event.type !== eventTypes.claimSettled && event.type !== eventTypes.collectSettled)
      continue;
    const commandId = commandIdAt(event, commandIdStart);
    if (settled.has(commandId)) findings.add('repeated', `claim ${commandId} is settled twice`);
    const { item, detail: code, value } = event;
    const status = code >= firstRefusal ? 'rejected' : 'accepted';
    settled.set(commandId, { status, code, a: item, b: value });
  }
  for (const { commandId, code } of log.decisions.values()) {
    if (pendingCodes.has(code) && !settled.has(commandId)) {
      findings.add('lost', `claim ${commandId} was never settled`);
    }
  }
  return settled;
}

/** Why they differ. */
function compare(
  { status, outcome, values }: LedgerEntry,
  logged: Outcome | undefined,
): string | undefined {
  const said = logged && `${logged.status} 0x${logged.code.toString(16)} ${logged.a} ${logged.b}`;
  const word = outcomeWords[outcome];
  if (logged === undefined || word === undefined) return said ?? 'nothing';
  const same =
    logged.status === status &&
    logged.code === word.code &&
    (word.a === undefined || values[word.a] === logged.a) &&
    (word.b === undefined || values[word.b] === logged.b);
  return same ? undefined : said;
}

function tell({ commandId, hunt, command, outcome, values, by, at }: LedgerEntry): string {
  const when = new Date(at).toISOString().slice(11, 23);
  return `${command.type} ${commandId} in ${hunt} (${outcome} ${JSON.stringify(values)} from ${by} at ${when})`;
}
