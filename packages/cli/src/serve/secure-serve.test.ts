/* `hunt serve` over HTTPS, with a CA of its own, and commands that ask it: as processes, since Node reads who is trusted at its start. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Certificates, makeCertificates, whyNoCertificates } from '@hunt/services';
import { exitCode } from '../exit-code.ts';
import { ServerProcess } from '../server-process/server-process.ts';
import { readText } from '../terminal/files.ts';
import { runHunt } from '../testing/hunt-process.ts';

suite('hunt serve over HTTPS', { skip: whyNoCertificates() }, () => {
  let made: Certificates;
  let directory: string;
  let server: ServerProcess;
  let url: string;
  let trusting: Record<string, string>;

  before(async () => {
    made = makeCertificates();
    directory = mkdtempSync(path.join(tmpdir(), 'hunt-secure-'));
    const { certFile, keyFile } = made.server;
    const settings = [`gateway.tls.cert=${certFile}`, `gateway.tls.key=file:${keyFile}`];
    server = await ServerProcess.start({ data: path.join(directory, 'data'), settings });
    url = server.announcement.url;
    const key = readText(server.announcement.organiserKeyFile).trim();
    trusting = { NODE_EXTRA_CA_CERTS: made.ca.certFile, HUNT_ORGANISER_KEY: key };
  });
  after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
    made.remove();
  });

  test('it says the address, and commands that trust its CA ask it there', async (t) => {
    assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
    for (const argv of [
      ['codes', '--hunt', 'city-lights', '--target', url],
      ['standings', '--hunt', 'city-lights', '--target', url],
      ['doctor', '--target', url, '--seconds', '2'],
    ]) {
      const { code, errors } = await runHunt(argv, trusting, t.signal);
      // The doctor may find something on a busy machine.
      assert.notEqual(code, exitCode.unreachable, errors);
      if (argv[0] !== 'doctor') assert.equal(code, exitCode.ok, errors);
    }
  });

  test('commands that do not trust its CA say how to', async (t) => {
    const { HUNT_ORGANISER_KEY = '' } = trusting;
    for (const argv of [
      ['codes', '--hunt', 'city-lights', '--target', url],
      ['doctor', '--target', url, '--seconds', '2'],
    ]) {
      const { code, errors } = await runHunt(argv, { HUNT_ORGANISER_KEY }, t.signal);
      assert.notEqual(code, 0);
      assert.match(errors, /certificate.*NODE_EXTRA_CA_CERTS/, argv[0]);
    }
  });

  test('the health check of platforms asks it without looking at its name', async () => {
    const program = fileURLToPath(new URL('../../bin/health-check.js', import.meta.url));
    const check = (address: string) =>
      new Promise<boolean>((resolve) => {
        execFile(process.execPath, [program, address], (error) => resolve(error === null));
      });
    assert.equal(await check(`${url}/readyz`), true);
    assert.equal(await check(`${url}/nothing`), false);
    assert.equal(await check(`${url.replace('https', 'http')}/readyz`), false);
  });

  test('a command that starts a server of its own has it speak plain HTTP, whatever the environment says', async (t) => {
    const data = path.join(directory, 'own');
    const own = await ServerProcess.start({ data });
    await own.stop();
    const env = {
      HUNT_GATEWAY_TLS_CERT: made.server.certFile,
      HUNT_GATEWAY_TLS_KEY: `file:${made.server.keyFile}`,
    };
    const codes = ['codes', '--hunt', 'city-lights', '--data', data];
    const { code, errors } = await runHunt(codes, env, t.signal);
    assert.equal(code, 0, errors);
  });
});
