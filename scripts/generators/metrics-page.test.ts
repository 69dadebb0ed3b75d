import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from './metrics-page.ts';

test('the page has what a metric is, its labels with their bounds, and what to do', () => {
  const text = metricsText(
    {
      a_seconds: {
        ...{ type: 'histogram', help: 'How long.', owner: 'gateway', whenItMoves: 'Look.' },
        labels: { of: ['x', 'y'], partition: { upTo: 1_024, of: 'partitions' } },
        buckets: [0.1, 1],
      },
    },
    { inbox: { holds: 'Letters.', limit: 'box.max' } },
  );
  const section = `## Of gateway

### a_seconds

How long.

**When it moves.** Look.

Type: histogram. Label \`of\`: \`x\`, \`y\`. Label \`partition\`: at most 1,024 partitions. Buckets up to 0.1, 1.
`;
  assert.ok(text.includes(section), text);
  assert.ok(text.includes('| `inbox` | Letters. | box.max |'));
});
