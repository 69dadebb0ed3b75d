/*
 * What Node is started with to run an engine (decisions 35, 38 and 39). The first line of `bin/hunt.js` and
 * `deploy/machine/hunt.sh` say `startFlags`, too, and `bin/hunt.js` sets the rest itself.
 */

/**
 * Read before any of our code runs. The young generation of each thread stays within 48 MB (three half-spaces of
 * 16 MB) in place of 200, and the old one is collected once it has grown by half: under a crowd both would grow
 * to their limits within half a minute, and the process with them.
 */
export const startFlags: readonly string[] = [
  '--max-semi-space-size=16',
  '--initial-old-space-size=48',
  '--heap-growing-percent=50',
];

/**
 * May be set later, too, as `bin/hunt.js` does. V8 puts nothing into the old generation for having outlived the
 * small young generation of a start: what is there holds what it leads to, and with it nearly every request until
 * the next full collection.
 */
export const pretenuringFlag = '--no-allocation-site-pretenuring';

export const nodeFlags: readonly string[] = [...startFlags, pretenuringFlag];

/**
 * The C library keeps what the threads take from it in two arenas in place of eight a core, of which each
 * keeps what it was given at the most. glibc reads it; other libraries do not look at it.
 */
export const nodeEnvironment: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2' };
