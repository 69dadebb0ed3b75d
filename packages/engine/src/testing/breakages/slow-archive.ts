/* A transaction of the archive takes four seconds longer. */
import { DatabaseSync } from 'node:sqlite';
import { isMainThread } from 'node:worker_threads';
import { sleep } from './sleep.ts';

const { exec } = DatabaseSync.prototype;

if (!isMainThread) {
  DatabaseSync.prototype.exec = function (sql) {
    if (/^BEGIN/i.test(sql)) sleep(4_000);
    return exec.call(this, sql);
  };
}
