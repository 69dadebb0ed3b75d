/** What other measuring programs send with: connections, the open model, and what they count in. */
export { LatencyHistogram } from '../histogram/latency-histogram.ts';
export { HttpConnection } from './http-connection.ts';
export { type ArrivalObserver, type Due, OpenLoop } from './open-loop.ts';
