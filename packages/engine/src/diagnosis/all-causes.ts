import type { Cause } from './cause.ts';
import { clockCauses } from './causes/clock-causes.ts';
import { consumerCauses } from './causes/consumer-causes.ts';
import { dependencyCauses } from './causes/dependency-causes.ts';
import { diskCauses } from './causes/disk-causes.ts';
import { encryptionCauses } from './causes/encryption-causes.ts';
import { givingWayCauses } from './causes/giving-way-causes.ts';
import { limitCauses } from './causes/limit-causes.ts';
import { partitionCauses } from './causes/partition-causes.ts';
import { threadCauses } from './causes/thread-causes.ts';

/** Every cause there is, by what it is about. */
export const causeGroups: readonly { readonly title: string; readonly causes: readonly Cause[] }[] =
  [
    { title: 'The disk', causes: diskCauses },
    { title: 'Threads, cores and memory', causes: threadCauses },
    { title: 'Partitions', causes: partitionCauses },
    { title: 'Limits', causes: limitCauses },
    { title: 'What gives way', causes: givingWayCauses },
    { title: 'Who follows the log', causes: consumerCauses },
    { title: 'What processes depend on', causes: dependencyCauses },
    { title: 'Clocks', causes: clockCauses },
    { title: 'Encryption between nodes', causes: encryptionCauses },
  ];

export const allCauses: readonly Cause[] = causeGroups.flatMap(({ causes }) => causes);
