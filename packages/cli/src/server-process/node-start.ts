/*
 * What Node is started with to run an engine; the first line of `bin/hunt.js` and `deploy/machine/hunt.sh`
 * say the same. All of it is read before any of our code runs (decisions 35 and 38).
 */

/**
 * The young generation of each thread stays within 48 MB (three half-spaces of 16 MB) in place of 200, and
 * the old one is collected once it has grown by half: under a crowd both would grow to their limits within
 * half a minute, and the process with them.
 */
export const nodeFlags: readonly string[] = [
  '--max-semi-space-size=16',
  '--initial-old-space-size=48',
  '--heap-growing-percent=50',
];

/**
 * The C library keeps what the threads take from it in two arenas in place of eight a core, of which each
 * keeps what it was given at the most. glibc reads it; other libraries do not look at it.
 */
export const nodeEnvironment: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2' };
