/**
 * What Node is started with to run an engine; the first line of `bin/hunt.js` and `deploy/machine/hunt.sh`
 * say the same. The young generation of each thread stays within 48 MB (three half-spaces of 16 MB) in place
 * of 200: under a crowd it would grow to its limit within half a minute, and the process with it. Node reads
 * it before any of our code runs (decision 35).
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=16'];
