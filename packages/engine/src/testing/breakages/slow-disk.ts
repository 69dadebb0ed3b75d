/* A sync of the disk takes 80 ms longer. */
import fs, { type NoParamCallback } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { sleep } from './sleep.ts';

const { fdatasync, fdatasyncSync } = fs;
const longerMs = 80;

function slowly(descriptor: number, done: NoParamCallback): void {
  setTimeout(() => fdatasync(descriptor, done), longerMs);
}

function slowlyHere(descriptor: number): void {
  sleep(longerMs);
  fdatasyncSync(descriptor);
}

Object.assign(fs, { fdatasync: slowly, fdatasyncSync: slowlyHere });
syncBuiltinESMExports();
