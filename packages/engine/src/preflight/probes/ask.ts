import { CodedError } from 'veltrix';
import type { Fact } from '../facts.ts';

/** Finds out one thing within its time, or why that is not possible; never rejects. */
export async function ask<Value>(
  timeoutMs: number,
  probe: () => Promise<Value>,
): Promise<Fact<Value>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Fact<Value>>((resolve) => {
    const unasked = `no answer within ${timeoutMs} ms`;
    timer = setTimeout(() => resolve({ unasked }), timeoutMs);
  });
  try {
    return await Promise.race([probe().then((value) => ({ value })), late]);
  } catch (error) {
    const unasked = error instanceof Error ? error.message : String(error);
    const isRefused = error instanceof CodedError && error.retry === 'never';
    return { unasked, ...(isRefused && { refused: true as const }) };
  } finally {
    clearTimeout(timer);
  }
}

/** The part of a fact that is a fact by itself. */
export function part<Whole, Value>(
  fact: Fact<Whole>,
  of: (whole: Whole) => Fact<Value>,
): Fact<Value> {
  return 'value' in fact ? of(fact.value) : fact;
}
