// Log and checkpoints in a directory of this machine.
export {
  type CheckpointHistory,
  openEmbeddedStateStore,
} from './checkpoint/embedded-state-store.ts';
export {
  type EmbeddedLogOptions,
  type LockedLog,
  type LogShare,
  lockEmbeddedLog,
  openEmbeddedLog,
  openLogShare,
} from './log/embedded/embedded-log.ts';
export {
  type EmbeddedLogReader,
  type EmbeddedPartitionReader,
  openEmbeddedLogReader,
} from './log/embedded/embedded-log-reader.ts';
export { readLogIdentity } from './log/embedded/log-directory.ts';
