#!/usr/bin/env node
// Whether a process answers, for platforms that run a command to find out:
//   health-check.js [URL]     200 is healthy, anything else or nothing within two seconds is not
// In plain JavaScript and without imports, since it is run every few seconds.
const url = process.argv[2] ?? 'http://127.0.0.1:8080/readyz';
try {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  if (status !== 200) throw new Error(`it answers with ${status}`);
} catch (error) {
  const { message, cause } = /** @type {Error & { cause?: Error }} */ (error);
  process.stderr.write(`${url}: ${cause?.message ?? message}\n`);
  process.exitCode = 1;
}
