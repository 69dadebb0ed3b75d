import { type HuntDefinition, requirementMet, type StepKind } from '@hunt/rules';
import type { Arrival } from '../arrivals/arrival.ts';
import type { HttpAnswer } from '../generator/http-answer.ts';
import { solutionOf } from './command-bodies.ts';
import { type Ending, endingOf } from './ending.ts';

/** What players do, all of it following from their hunt. Plain data. */
export interface CrowdOptions {
  readonly hunt: HuntDefinition;
  /** By id of the step; those of scan steps, when the mix has scans. */
  readonly scanCodes: Readonly<Record<string, string>>;
  /** Of every player; a thread uses those of its own. */
  readonly tokens: readonly string[];
  /** `host` or `host:port`, as the header has it. */
  readonly authority: string;
  /** Never the same twice against one server: idempotency keys and names of teams begin with it. */
  readonly runId: string;
}

const untouched = 0;
const asked = 1;
const solved = 2;
const solvedEndings = new Set(['solved', 'rules-step-already-solved']);
/** How many different wrong answers the crowd has: people guess alike. */
const wrongAnswers = 500;

/** The players of one thread: makes their requests, and remembers what became of them. */
export class Crowd {
  readonly #options: CrowdOptions;
  readonly #huntPath: string;
  /** Places of the steps of each kind. */
  readonly #steps: Readonly<Record<StepKind, readonly number[]>>;
  /** By player and step: whether it was tried and solved. */
  readonly #progress: Uint8Array;
  /** Steps that requests without an answer yet may solve. */
  readonly #asked = new Map<Arrival, number>();
  /** Never solved, so that a long load goes on guessing and does not end in answers to what is solved. */
  readonly #keptForGuesses: number | undefined;
  #sent = 0;

  constructor(options: CrowdOptions) {
    this.#options = options;
    const { hunt, tokens } = options;
    this.#huntPath = `/v1/hunts/${encodeURIComponent(hunt.id)}`;
    this.#progress = new Uint8Array(tokens.length * hunt.steps.length);
    const ofKind = (kind: StepKind) =>
      hunt.steps.flatMap((step, index) => (step.kind === kind ? [index] : []));
    this.#steps = { answer: ofKind('answer'), scan: ofKind('scan'), place: ofKind('place') };
    const riddles = this.#steps.answer;
    this.#keptForGuesses = riddles.length > 1 ? riddles.at(-1) : undefined;
  }

  /** The request of an arrival, ready for the socket. `answered` or `unanswered` has to follow. */
  request(arrival: Arrival): string {
    const { player } = arrival;
    this.#sent += 1;
    switch (arrival.action) {
      case 'standings':
        return this.#get('/standings?limit=50', undefined);
      case 'progress':
        return this.#get('/me', player);
      case 'join':
        return this.#join();
      case 'answer-right':
        return this.#solve(arrival, 'answer');
      case 'scan':
        return this.#solve(arrival, 'scan');
      case 'check-in':
        return this.#solve(arrival, 'place');
      case 'answer-wrong':
        return this.#wrong(arrival);
      case 'hint':
        return this.#hint(player);
      case 'claim':
        return this.#claim(player);
    }
  }

  /** What an answer says. */
  answered(arrival: Arrival, answer: HttpAnswer): Ending {
    const ending = endingOf(arrival.action, answer);
    this.#leave(arrival, solvedEndings.has(ending.name) ? solved : untouched);
    return ending;
  }

  /** No answer came: the step may be tried again. */
  unanswered(arrival: Arrival): void {
    this.#leave(arrival, untouched);
  }

  #leave(arrival: Arrival, progress: number): void {
    const step = this.#asked.get(arrival);
    if (step === undefined) return;
    this.#asked.delete(arrival);
    this.#progress[this.#place(arrival.player, step)] = progress;
  }

  #solve(arrival: Arrival, kind: StepKind): string {
    const { player } = arrival;
    const step = arrival.step ?? this.#openStep(player, kind, untouched, this.#keptForGuesses);
    // Nothing of this kind is left: then people guess, or show a code again.
    if (step === undefined) {
      return kind === 'answer' ? this.#wrong(arrival) : this.#again(player, kind);
    }
    this.#asked.set(arrival, step);
    this.#progress[this.#place(player, step)] = asked;
    return this.#command(player, this.#solution(step));
  }

  #again(player: number, kind: StepKind): string {
    return this.#command(player, this.#solution(this.#steps[kind][0]!));
  }

  #solution(index: number): object {
    const { hunt, scanCodes } = this.#options;
    return solutionOf(hunt.steps[index]!, scanCodes);
  }

  #wrong({ player, step: told }: Arrival): string {
    const step = told ?? this.#openStep(player, 'answer', asked) ?? this.#steps.answer[0]!;
    const answer = `no idea ${this.#sent % wrongAnswers}`;
    const { id } = this.#options.hunt.steps[step]!;
    return this.#command(player, { type: 'submit-answer', step: id, answer });
  }

  #hint(player: number): string {
    const { steps } = this.#options.hunt;
    const withHints = steps.filter(({ hints }) => hints.length > 0);
    const open = withHints.filter(({ requires }) =>
      requirementMet(requires, this.#solvedBy(player)),
    );
    // Where nothing is open yet somebody asks all the same.
    const choice = open.length > 0 ? open : withHints;
    const { id: step, hints } = choice[this.#sent % choice.length]!;
    const hint = 1 + (this.#sent % hints.length);
    return this.#command(player, { type: 'take-hint', step, hint });
  }

  #claim(player: number): string {
    const { treasures } = this.#options.hunt;
    const treasure = treasures[this.#sent % treasures.length]!.id;
    return this.#command(player, { type: 'claim-treasure', treasure });
  }

  #join(): string {
    const { hunt, runId } = this.#options;
    const name = `Joiner ${this.#sent}`;
    const team = hunt.teamSize === 1 ? {} : { team: { name: `${runId} late ${this.#sent}` } };
    return this.#post('/players', { name, ...team }, []);
  }

  /** A step of a kind that is open to the team, and was at most so far touched; undefined when none is. */
  #openStep(
    player: number,
    kind: StepKind,
    touchedMost: number,
    except?: number,
  ): number | undefined {
    const { steps } = this.#options.hunt;
    const isSolved = this.#solvedBy(player);
    for (const step of this.#steps[kind]) {
      const touched = this.#progress[this.#place(player, step)]!;
      if (step === except) continue;
      if (touched <= touchedMost && requirementMet(steps[step]!.requires, isSolved)) return step;
    }
    return undefined;
  }

  #solvedBy(player: number): (step: number) => boolean {
    return (step) => this.#progress[this.#place(player, step)] === solved;
  }

  #place(player: number, step: number): number {
    return player * this.#options.hunt.steps.length + step;
  }

  #command(player: number, command: object): string {
    const { tokens, runId } = this.#options;
    return this.#post('/commands', command, [
      `Authorization: Bearer ${tokens[player]}`,
      `Idempotency-Key: ${runId}-${player}-${this.#sent}`,
    ]);
  }

  #post(path: string, content: object, headers: readonly string[]): string {
    const body = JSON.stringify(content);
    return [
      `POST ${this.#huntPath}${path} HTTP/1.1`,
      `Host: ${this.#options.authority}`,
      'Content-Type: application/json',
      // Everything that is sent is ASCII, or escaped by now.
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...headers,
      '',
      body,
    ].join('\r\n');
  }

  #get(path: string, player: number | undefined): string {
    const { authority, tokens } = this.#options;
    return [
      `GET ${this.#huntPath}${path} HTTP/1.1`,
      `Host: ${authority}`,
      ...(player === undefined ? [] : [`Authorization: Bearer ${tokens[player]}`]),
      '',
      '',
    ].join('\r\n');
  }
}
