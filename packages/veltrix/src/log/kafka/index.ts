export { type KafkaLogOptions, openKafkaSharedLog } from './kafka-shared-log.ts';
