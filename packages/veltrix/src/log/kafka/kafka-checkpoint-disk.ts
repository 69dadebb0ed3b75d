import assert from 'node:assert/strict';
import type { Disk, DiskFile } from '../../storage/disk.ts';
import type { KeyWriter } from './kafka-checkpoint-topic.ts';

/** Pieces of a file are no larger. */
const pieceBytes = 500 * 1024;

/*
 * Files of one directory in a partition of a compacted topic.
 *
 *   key `NAME/WRITER/POSITION`  a piece of a file        (hexadecimal)
 *   key `NAME`                  `WRITER/SIZE`: the file is whole; before that it is `NAME.tmp`
 *
 * The writer is a random number per life: what an earlier owner still writes never mixes with ours.
 */
interface TopicFile {
  readonly writer: string;
  /** By position; without the bytes once these were let go of. */
  readonly pieces: Map<number, Uint8Array | undefined>;
  size: number;
}

const temporary = '.tmp';

/**
 * The part of a disk that checkpoints need, on a topic that was read to its end. What is written is not
 * kept in memory; what was read, until `letGo`.
 */
export class KafkaCheckpointDisk implements Disk {
  readonly #writer: KeyWriter;
  readonly #writerId: string;
  /** By file name. */
  readonly #files = new Map<string, TopicFile>();

  constructor(writer: KeyWriter, writerId: string, latest: ReadonlyMap<string, Uint8Array>) {
    this.#writer = writer;
    this.#writerId = writerId;
    const found = new Map<string, TopicFile>();
    for (const [key, bytes] of latest) {
      const [name, by, position] = key.split('/');
      if (!name || !by || !position) continue;
      const id = `${name}/${by}`;
      const file = found.get(id) ?? { writer: by, pieces: new Map(), size: 0 };
      file.pieces.set(Number.parseInt(position, 16), bytes);
      file.size += bytes.length;
      found.set(id, file);
    }
    for (const [id, file] of found) {
      const name = id.slice(0, id.indexOf('/'));
      const mark = latest.get(name);
      const isWhole = mark && Buffer.from(mark).toString().startsWith(`${file.writer}/`);
      // Leftovers of several lives may have one name: each is told by its writer.
      this.#files.set(isWhole ? name : `${name}.${file.writer}${temporary}`, file);
    }
  }

  /** Lets go of the bytes that were read. */
  letGo(): void {
    for (const { pieces } of this.#files.values()) {
      for (const position of pieces.keys()) pieces.set(position, undefined);
    }
  }

  list(): string[] {
    return [...this.#files.keys()].sort();
  }

  makeDirectory(): void {}

  /** Calls back once everything written before is in the topic. */
  syncDirectory(_directory: string, done?: (error?: Error) => void): void {
    if (done) this.#marks.then(() => done(), done);
  }

  /** Of the latest mark: what says that a file is whole. */
  #marks: Promise<void> = Promise.resolve();

  open(path: string, { create = false }: { readonly create?: boolean } = {}): DiskFile {
    const name = nameOf(path);
    let file = this.#files.get(name);
    if (!file) {
      if (!create) throw systemError('ENOENT', 'open', path);
      file = { writer: this.#writerId, pieces: new Map(), size: 0 };
      this.#files.set(name, file);
    }
    return this.#handle(path, name, file);
  }

  #handle(path: string, name: string, file: TopicFile): DiskFile {
    const refuse = (operation: string) => (): never => {
      throw systemError('ENOTSUP', operation, path);
    };
    return {
      path,
      size: () => file.size,
      read: (position, into) => readPieces(file, path, position, into),
      write: refuse('write'),
      truncate: refuse('truncate'),
      // A write calls back once it is durable.
      sync: (done) => {
        if (done) setImmediate(done);
      },
      syncIfShort: () => true,
      writeSlowly: (position, bytes, done) => {
        assert.equal(position, file.size, 'checkpoints are written front to back');
        let left = Math.max(1, Math.ceil(bytes.length / pieceBytes));
        let failure: Error | undefined;
        for (let start = 0; start < bytes.length; start += pieceBytes) {
          const piece = bytes.subarray(start, start + pieceBytes);
          file.pieces.set(position + start, undefined);
          this.#writer.write(pieceKey(name, file, position + start), piece, (error) => {
            failure ??= error;
            left -= 1;
            if (left === 0) done(failure);
          });
        }
        file.size += bytes.length;
      },
      close: () => {},
    };
  }

  rename(from: string, to: string): void {
    const [before, after] = [nameOf(from), nameOf(to)];
    const file = this.#files.get(before);
    if (!file) throw systemError('ENOENT', 'rename', from);
    this.#files.delete(before);
    this.#files.set(after, file);
    const mark = Buffer.from(`${file.writer}/${file.size}`);
    this.#marks = new Promise((resolve, reject) => {
      this.#writer.write(after, mark, (error) => (error ? reject(error) : resolve()));
    });
    // Whoever renames asks by `syncDirectory`.
    this.#marks.catch(() => {});
  }

  link(from: string): void {
    throw systemError('ENOTSUP', 'link', from);
  }

  remove(path: string, done?: (error?: Error) => void): void {
    const name = nameOf(path);
    const file = this.#files.get(name);
    if (!file) throw systemError('ENOENT', 'remove', path);
    if (done) setImmediate(done);
    this.#files.delete(name);
    // First it is whole no more: what a crash leaves over then is removed by the next life.
    if (!name.endsWith(temporary)) this.#writer.write(name, undefined);
    for (const position of file.pieces.keys()) {
      this.#writer.write(pieceKey(name, file, position), undefined);
    }
  }

  lock(): undefined {
    return undefined;
  }
}

/** An error as the operating system gives them. */
function systemError(code: string, syscall: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${syscall} ${path}`), { code, syscall, path });
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function pieceKey(name: string, file: TopicFile, position: number): string {
  const base = name.endsWith(temporary) ? name.slice(0, name.indexOf('.')) : name;
  return `${base}/${file.writer}/${position.toString(16)}`;
}

function readPieces(file: TopicFile, path: string, position: number, into: Uint8Array): number {
  const end = Math.min(position + into.length, file.size);
  let read = 0;
  for (const [start, bytes] of [...file.pieces].sort(([one], [other]) => one - other)) {
    if (!bytes) throw systemError('EBADF', 'read', path);
    const from = Math.max(start, position + read);
    const upTo = Math.min(start + bytes.length, end);
    // A gap: a piece is missing, and what comes after it counts for nothing.
    if (start > position + read) break;
    if (from >= upTo) continue;
    into.set(bytes.subarray(from - start, upTo - start), read);
    read += upTo - from;
  }
  return read;
}
