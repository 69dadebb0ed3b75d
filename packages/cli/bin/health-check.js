#!/usr/bin/env node
// Whether a process answers, for platforms that run a command to find out:
//   health-check.js [URL]     200 is healthy, anything else or nothing within two seconds is not
// In plain JavaScript and without more than it needs, since it is run every few seconds. It asks the
// process that it stands beside, whose certificate is for the name by which others call it: so it is
// not looked at.
const url = process.argv[2] ?? 'http://127.0.0.1:8080/readyz';
const signal = AbortSignal.timeout(2_000);

/** @returns {Promise<number | undefined>} */
async function secureStatus() {
  const { get } = await import('node:https');
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: false, agent: false, signal };
    get(url, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).once('error', reject);
  });
}

try {
  const status = url.startsWith('https:')
    ? await secureStatus()
    : (await fetch(url, { signal })).status;
  if (status !== 200) throw new Error(`it answers with ${status}`);
} catch (error) {
  const { message, cause } = /** @type {Error & { cause?: Error }} */ (error);
  process.stderr.write(`${url}: ${cause?.message ?? message}\n`);
  process.exitCode = 1;
}
