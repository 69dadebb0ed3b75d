export { BacklogAge } from './backlog-age.ts';
export { expositionType } from './exposition.ts';
export { Histogram } from './histogram.ts';
export {
  declareMetrics,
  type LabelValues,
  type MetricCatalog,
  type MetricDeclaration,
} from './metric-declaration.ts';
export { type Emit, MetricRegistry } from './metric-registry.ts';
export { NumberBoard } from './number-board.ts';
export { type ThreadBoard, ThreadMeter, type ThreadNumber, threadBoard } from './thread-meter.ts';
