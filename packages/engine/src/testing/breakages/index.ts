const names = [
  'clock-behind',
  'faulty-rules',
  'late-loop',
  'short-memory',
  'slow-archive',
  'slow-disk',
  'slow-fold',
  'slow-way',
] as const;

/**
 * What a server can be broken by where the machine cannot be made slow without asking it. Each is a module that every
 * thread of the server's process loads before its own code (`node --import`). It gets at what it changes by importing
 * it, so that the compiler says when that is no longer there.
 */
export type Breakage = (typeof names)[number];

/** The URL of its module. */
export function breakageModule(name: Breakage): string {
  return new URL(`./${name}.ts`, import.meta.url).href;
}
