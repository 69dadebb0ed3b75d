import { allCauses } from '../all-causes.ts';
import { type Diagnosis, diagnose, type Seen } from '../diagnose.ts';
import { type MadeOptions, madeProcess } from './made-process.ts';

/** What all causes say of processes that are made; of all there are, and all could be read, unless told. */
export const diagnosed = (
  made: readonly MadeOptions[],
  { unread = [], areAll = true }: Partial<Seen> = {},
): Diagnosis => diagnose(allCauses, { processes: made.map(madeProcess), unread, areAll });
