import type { KafkaBrokers } from './kafka-brokers.ts';
import { reasonOf } from './kafka-codes.ts';
import { type FetchAnswer, type FetchQuestion, fetch } from './kafka-requests.ts';

/**
 * Questions under way to one broker at the same time. While one waits for new records, the other takes
 * in whoever has just begun or is behind.
 */
const slotsPerBroker = 2;

/** A partition that is read. */
export interface Readable {
  readonly topic: string;
  readonly partition: number;
  question(): FetchQuestion;
  answer(answer: FetchAnswer): void;
  /** Nothing was learnt. */
  failed(reason: string): void;
}

interface Node {
  readonly ready: Set<Readable>;
  readonly free: number[];
  scheduled: boolean;
}

/**
 * Reads all followed partitions, with one question to a broker for all of its partitions that are
 * ready: so an idle partition costs some 60 bytes of a question ten times a second.
 */
export class KafkaReader {
  readonly #brokers: KafkaBrokers;
  readonly #waitMs: number;
  readonly #answerMaxBytes: number;
  readonly #nodes = new Map<number, Node>();

  /**
   * @param waitMs how long a broker may hold a question when there is nothing new
   * @param answerMaxBytes about the most that one answer brings
   */
  constructor(brokers: KafkaBrokers, waitMs: number, answerMaxBytes: number) {
    this.#brokers = brokers;
    this.#waitMs = waitMs;
    this.#answerMaxBytes = answerMaxBytes;
  }

  /** Asks once for records of a partition: `answer` or `failed` follows, later. */
  ask(readable: Readable): void {
    const leader = this.#brokers.leaderOf(readable.topic, readable.partition);
    if (leader === undefined) {
      setImmediate(() => readable.failed('no broker leads it'));
      return;
    }
    let node = this.#nodes.get(leader);
    if (!node) {
      const free = Array.from({ length: slotsPerBroker }, (_, slot) => slot);
      node = { ready: new Set(), free, scheduled: false };
      this.#nodes.set(leader, node);
    }
    node.ready.add(readable);
    this.#schedule(leader, node);
  }

  /** Takes back a question that was not sent yet. */
  withdraw(readable: Readable): void {
    for (const node of this.#nodes.values()) node.ready.delete(readable);
  }

  #schedule(leader: number, node: Node): void {
    if (node.scheduled || node.free.length === 0) return;
    node.scheduled = true;
    // Whoever gets ready in the same turn goes along.
    setImmediate(() => {
      node.scheduled = false;
      if (node.ready.size > 0 && node.free.length > 0) void this.#send(leader, node);
    });
  }

  async #send(leader: number, node: Node): Promise<void> {
    const asked = new Map<string, Readable>();
    const questions: FetchQuestion[] = [];
    for (const readable of node.ready) {
      const question = readable.question();
      const key = `${question.topicId}/${question.partition}`;
      // A broker answers for a partition once: who else reads it comes next.
      if (asked.has(key)) continue;
      asked.set(key, readable);
      questions.push(question);
      node.ready.delete(readable);
    }
    const slot = node.free.pop()!;
    this.#schedule(leader, node);
    let answers: readonly FetchAnswer[] = [];
    let reason = 'it was left out of an answer';
    try {
      answers = await this.#brokers.ask<FetchAnswer[]>(
        leader,
        `fetch-${slot}`,
        (connection, done) =>
          fetch(connection, questions, this.#waitMs, this.#answerMaxBytes, done),
      );
    } catch (error) {
      reason = reasonOf(error);
    }
    node.free.push(slot);
    for (const answer of answers) {
      const key = `${answer.topicId}/${answer.partition}`;
      const readable = asked.get(key);
      asked.delete(key);
      readable?.answer(answer);
    }
    for (const readable of asked.values()) readable.failed(reason);
    if (node.ready.size > 0) this.#schedule(leader, node);
  }
}
