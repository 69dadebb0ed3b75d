export { type KafkaLogMarksOptions, openKafkaLogMarks } from './kafka-log-marks.ts';
export { type KafkaLogOptions, openKafkaSharedLog } from './kafka-shared-log.ts';
export {
  type KafkaStateStores,
  type KafkaStateStoresOptions,
  openKafkaStateStores,
} from './kafka-state-stores.ts';
export { KafkaSurvey, type SurveyedTopic } from './kafka-survey.ts';
