import { veltrixErrors } from '../errors.ts';

/** What a migration says on a log of which it is one end. */
export interface LogMark {
  /**
   * - `filling`: it is being written, and must not be served.
   * - `moved`: it lives on elsewhere, and must not be served any more.
   * - `open`: it was written to its end, and is served like any other.
   */
  readonly state: 'filling' | 'moved' | 'open';
  /** Of the log that is marked. */
  readonly logId: string;
  /** The other end. */
  readonly other: {
    readonly logId: string;
    /** Where it is, for people. */
    readonly place: string;
  };
}

/** Where the mark of a log stands, beside the log. All adapters run `log-marks.contract.ts`. */
export interface LogMarks {
  /** Where the log is, for people. */
  readonly place: string;
  /** The mark; undefined when there was never one. Throws `veltrix-log-mark-invalid`. */
  read(): Promise<LogMark | undefined>;
  /** Durable once it resolves. */
  write(mark: LogMark): Promise<void>;
}

const formatVersion = 1;
const states: readonly unknown[] = ['filling', 'moved', 'open'] satisfies LogMark['state'][];

export function encodeLogMark({ state, logId, other }: LogMark): string {
  return `${JSON.stringify({ format: formatVersion, state, logId, other })}\n`;
}

/** Throws `veltrix-log-mark-invalid`. */
export function decodeLogMark(text: string, place: string): LogMark {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw invalid(place, 'it is not JSON');
  }
  const { format, state, logId, other } = (found ?? {}) as Record<string, unknown>;
  if (format !== formatVersion) throw invalid(place, `its format is ${format}`);
  const { logId: otherId, place: otherPlace } = (other ?? {}) as Record<string, unknown>;
  if (!states.includes(state)) throw invalid(place, `its state is ${state}`);
  if (!isLogId(logId) || !isLogId(otherId) || typeof otherPlace !== 'string') {
    throw invalid(place, 'it does not say which logs it is about');
  }
  return {
    state: state as LogMark['state'],
    logId,
    other: { logId: otherId, place: otherPlace },
  };
}

function isLogId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}

function invalid(place: string, reason: string): Error {
  return veltrixErrors.create('veltrix-log-mark-invalid', { place, reason });
}

/** Throws `veltrix-log-filling`, `veltrix-log-moved` when the log must not be served. */
export function refuseMarked(place: string, mark: LogMark | undefined): void {
  if (mark === undefined || mark.state === 'open') return;
  const id = mark.state === 'filling' ? 'veltrix-log-filling' : 'veltrix-log-moved';
  throw veltrixErrors.create(id, { place, other: mark.other.place });
}
