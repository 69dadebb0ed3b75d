import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Whether a program that npm does not bring is there to run. */
export function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((place) => {
    try {
      accessSync(path.join(place, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
