import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  openSync,
  writeFileSync,
} from 'node:fs';
import { storing } from '../store-failed.ts';

/** Makes a file that only its owner may read. Throws `engine-store-failed`. */
export function writeDurably(path: string, text: string): void {
  made(path, () => writeFileSync(path, text, { flag: 'wx', mode: 0o600 }));
}

/** As `writeDurably`, with what is in another file that nobody changes meanwhile. */
export function copyDurably(from: string, to: string): void {
  made(to, () => {
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    chmodSync(to, 0o600);
  });
}

function made(path: string, make: () => void): void {
  storing(path, () => {
    make();
    const file = openSync(path, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}
