/* A sync of the disk takes 80 ms longer. */
import fs, { type NoParamCallback } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { fdatasync } = fs;

function slowly(descriptor: number, done: NoParamCallback): void {
  setTimeout(() => fdatasync(descriptor, done), 80);
}

Object.assign(fs, { fdatasync: slowly });
syncBuiltinESMExports();
