import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MetricRegistry } from 'veltrix/telemetry';
import { engineMetrics } from '../metrics/engine-metrics.ts';
import { readMetricsPage } from './metrics-page.ts';

test('whatever a registry writes of a label and a number is read as it was', () => {
  const value = fc.double({ noNaN: true });
  // An empty label is left out.
  const thread = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.dictionary(thread, value, { maxKeys: 5 }), (heaps) => {
      const registry = new MetricRegistry(engineMetrics);
      registry.measure('hunt_thread_heap_bytes', ['thread'], (emit) => {
        for (const [name, bytes] of Object.entries(heaps)) emit(bytes, name);
      });
      const samples = readMetricsPage(registry.text()).get('hunt_thread_heap_bytes') ?? [];
      assert.deepEqual(
        samples.map(({ labels, value: bytes }) => [labels['thread'], bytes + 0]),
        Object.entries(heaps).map(([name, bytes]) => [name, bytes + 0]),
      );
    }),
  );
});

test('a page of anything is read, or refused with its line', () => {
  const piece = fc.oneof(
    fc.constantFrom('hunt_x', '{', '}', '="', '"', ',', ' ', '1', '+Inf', 'NaN', '#', '\n', '\\'),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        readMetricsPage(pieces.join(''));
      } catch (error) {
        assert.match((error as Error).message, /^line \d+ is no metric: /);
      }
    }),
  );
});
