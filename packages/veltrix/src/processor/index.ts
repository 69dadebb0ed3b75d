// What decides: for threads and programs that fold.
export type { TakenCheckpoint } from './checkpointer.ts';
export type { DecideFault, FoldMeter } from './fold-meter.ts';
export type { FoldTracer } from './fold-tracer.ts';
export type { PartitionTransport } from './outbox-sender.ts';
export { PartitionFold } from './partition-fold.ts';
export { progressTable } from './platform-state.ts';
export { Processor, type ProcessorOptions, type Recovery } from './processor.ts';
export type { FiredTrace } from './timer-traces.ts';
export type { UndoneKind, UndoneReason } from './undone-counts.ts';
export { type WrittenCheckpoint, writeCheckpoint } from './write-checkpoint.ts';
