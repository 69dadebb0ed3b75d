import {
  type Look,
  lookAt,
  ProcessFacts,
  type Unread,
  type WatchedProcess,
} from '@hunt/engine/diagnosis';

/** What one round of looks gave. */
export interface Round {
  /** Those that were looked at before, too. */
  readonly processes: readonly ProcessFacts[];
  readonly unread: readonly Unread[];
}

/** Looks at processes again and again, each time beside the time before. */
export class ProcessWatch {
  #before = new Map<string, Look>();

  /** Never rejects. One that was started anew counts from then. */
  async round(watched: readonly WatchedProcess[], signal: AbortSignal): Promise<Round> {
    const processes: ProcessFacts[] = [];
    const unread: Unread[] = [];
    const now = new Map<string, Look>();
    const answers = await Promise.all(watched.map((one) => lookAt(one, signal)));
    for (const [index, answer] of answers.entries()) {
      const { name, url } = watched[index]!;
      if (typeof answer === 'string') {
        unread.push({ what: name, reason: answer });
        continue;
      }
      now.set(url, answer);
      const before = this.#before.get(url);
      if (before !== undefined) processes.push(new ProcessFacts(name, [before, answer]));
    }
    this.#before = now;
    return { processes, unread };
  }
}
