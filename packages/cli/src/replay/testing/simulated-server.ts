import type { HttpRequest, HttpResponse, HttpTransport } from '@hunt/sdk';

interface Step {
  wrong: number;
  solvedAt: number | undefined;
}

/** What goes wrong with a request: nothing, it never arrives, or its answer is lost. */
export type Fate = 'answered' | 'lost-before' | 'lost-after' | 'overloaded';

interface Sent {
  readonly id: string;
  readonly team: string;
  readonly step: string;
  readonly answer: string;
  readonly at: number;
}

/**
 * The part of the API that a replay needs, in memory: penalty rules of contests, idempotent commands.
 * Every request meets the fate that `fate` draws for it.
 */
export class SimulatedServer implements HttpTransport {
  readonly outcomes = new Map<string, Record<string, unknown>>();
  readonly #teams = new Map<string, Map<string, Step>>();
  readonly #opensAt: number;
  readonly #fate: () => Fate;
  /** Most requests at the same time. */
  concurrencyMax = 0;
  #concurrency = 0;

  constructor(opensAt: number, fate: () => Fate = () => 'answered') {
    this.#opensAt = opensAt;
    this.#fate = fate;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    this.#concurrency += 1;
    this.concurrencyMax = Math.max(this.concurrencyMax, this.#concurrency);
    // A turn in which other requests may come in between.
    await new Promise((resolve) => setImmediate(resolve));
    this.#concurrency -= 1;
    const fate = this.#fate();
    if (fate === 'lost-before') throw new Error('connection reset');
    if (fate === 'overloaded') return answer(503, { code: 'engine-overloaded', retry: 'later' });
    const response = this.#handle(request);
    if (fate === 'lost-after') throw new Error('connection reset');
    return response;
  }

  #handle({ method, url, body = '{}' }: HttpRequest): HttpResponse {
    const { pathname, searchParams } = new URL(url);
    const content = JSON.parse(body);
    if (method === 'POST' && pathname === '/v1/hunts') return answer(201, { hunt: 'contest' });
    if (method === 'PUT') {
      const names = content.names as string[];
      for (const name of names) this.#team(name);
      return answer(200, { teams: names.map((name) => ({ name, team: idOf(name) })) });
    }
    if (method === 'POST' && pathname.endsWith('/batch')) {
      const commands = content.commands as Sent[];
      return answer(200, { results: commands.map((command) => this.#decide(command)) });
    }
    const from = Number(searchParams.get('from'));
    const rows = this.#standings();
    const standings = rows.slice(from, from + Number(searchParams.get('limit')));
    return answer(200, { version: 1, total: rows.length, standings });
  }

  #team(name: string): Map<string, Step> {
    const team = this.#teams.get(name) ?? new Map<string, Step>();
    this.#teams.set(name, team);
    return team;
  }

  #decide({ id, team, step, answer: given, at }: Sent): Record<string, unknown> {
    const before = this.outcomes.get(id);
    if (before !== undefined) return { ...before, repeated: true };
    const steps = this.#team(team);
    const state = steps.get(step) ?? { wrong: 0, solvedAt: undefined };
    steps.set(step, state);
    const outcome: Record<string, unknown> = { commandId: id, repeated: false, status: 'accepted' };
    if (state.solvedAt !== undefined) {
      Object.assign(outcome, { status: 'rejected', code: 'rules-step-already-solved' });
    } else if (given === 'correct') {
      state.solvedAt = Math.floor((at - this.#opensAt) / 1_000);
      outcome['outcome'] = 'solved';
    } else {
      state.wrong += 1;
      Object.assign(outcome, { outcome: 'wrong', wrongAnswers: state.wrong });
    }
    this.outcomes.set(id, outcome);
    return outcome;
  }

  #standings() {
    const rows = [...this.#teams].map(([name, steps]) => {
      const solved = [...steps.values()].filter(({ solvedAt }) => solvedAt !== undefined);
      return {
        rank: 0,
        team: idOf(name),
        name,
        points: solved.length,
        solved: solved.length,
        penaltySeconds: solved.reduce(
          (sum, { wrong, solvedAt }) => sum + solvedAt! + wrong * 1_200,
          0,
        ),
      };
    });
    rows.sort((x, y) => y.points - x.points || x.penaltySeconds - y.penaltySeconds);
    for (const [index, row] of rows.entries()) {
      const before = rows[index - 1];
      const equal = before?.points === row.points && before.penaltySeconds === row.penaltySeconds;
      row.rank = equal ? before.rank : index + 1;
    }
    return rows;
  }
}

function idOf(name: string): string {
  return Buffer.from(name).toString('hex').padStart(16, '0');
}

function answer(status: number, body: unknown): HttpResponse {
  return { status, header: () => null, body: JSON.stringify(body) };
}
