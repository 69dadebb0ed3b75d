import { CodedError } from 'veltrix';

/** An error in the names of the Elastic Common Schema. */
export interface EcsError {
  readonly 'error.type'?: string;
  readonly 'error.code'?: string;
  readonly 'error.message'?: string;
  readonly 'error.stack_trace'?: string;
}

/** Made by the engine of JavaScript out of our own source: what they say is no input. */
const sayNoInput: ReadonlySet<unknown> = new Set([TypeError, RangeError, ReferenceError]);

/** What went wrong around the engine: a server, a disk, a setting. Its message is for the operator. */
export function foreseenError(error: unknown): EcsError {
  if (typeof error === 'string') return { 'error.message': error };
  if (!(error instanceof Error)) return { 'error.message': String(error) };
  const code = codeOf(error);
  return {
    'error.type': error.name,
    ...(code !== undefined && { 'error.code': code }),
    'error.message': error.message,
  };
}

/**
 * What nobody foresaw, perhaps while something was done for a player: where it happened, and its
 * message only where that cannot hold what somebody sent. The parser of JSON, for one, quotes it.
 */
export function unforeseenError(error: unknown): EcsError {
  if (error instanceof CodedError) return foreseenError(error);
  if (!(error instanceof Error)) return { 'error.type': typeof error };
  const code = codeOf(error);
  const says = code === undefined && sayNoInput.has(error.constructor);
  const frames = framesOf(error);
  return {
    'error.type': error.constructor.name,
    ...(code !== undefined && { 'error.code': code }),
    ...(says && { 'error.message': error.message }),
    ...(frames !== '' && { 'error.stack_trace': frames }),
  };
}

function codeOf(error: Error): string | undefined {
  if (error instanceof CodedError) return error.id;
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
}

/** The stack without its first lines, which repeat the message. */
function framesOf({ stack = '' }: Error): string {
  const frames = stack.split('\n').filter((line) => /^ {4}at .*[):\d]$/.test(line));
  return frames.join('\n');
}
