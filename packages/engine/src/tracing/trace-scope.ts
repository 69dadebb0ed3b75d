import { AsyncLocalStorage } from 'node:async_hooks';
import type { TraceContext } from 'veltrix';

/** What is done for a request that is traced finds it here, however far below; whatever else is done finds nothing. */
export interface TraceScope {
  /** What a command that is sent for it goes on with; undefined where it has sent as many as are traced. */
  command(): TraceContext | undefined;
  /** Another node is asked something; undefined where it has asked as often as is traced. */
  question(name: string, address: string): TracedQuestion | undefined;
}

/** A question to another node that is a step of a trace. */
export interface TracedQuestion {
  /** Header for the other node. */
  readonly traceparent: string;
  /** It is answered, or will not be: with the id of the error. */
  end(error?: string): void;
}

const scope = new AsyncLocalStorage<TraceScope>();

/** Does what is a part of the trace, also later and elsewhere. */
export function withTrace<Result>(trace: TraceScope, work: () => Result): Result {
  return scope.run(trace, work);
}

/** Of the work that this is a part of; undefined where it is not traced. */
export function currentTrace(): TraceScope | undefined {
  return scope.getStore();
}
