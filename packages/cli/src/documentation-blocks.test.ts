// No code block of any page is left to rot: a test runs it, or the list below says what stands for it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { documentationPages, documentationRoot } from './testing/documentation-pages.ts';

/** What runs blocks of a language, by where they may stand. */
const runners: Readonly<Record<string, (page: string) => boolean>> = {
  'sh run': () => true,
  'sh cluster': (page) => page.startsWith('docs/runbooks/'),
  'sh serve': (page) => page === 'docs/tutorial.md',
  'sh stopped': (page) => page === 'docs/tutorial.md',
  ts: (page) => page === 'packages/sdk/README.md',
};

interface Exception {
  /** How many such blocks the page has. */
  readonly blocks: number;
  /** What does with them, or in their place, what they say. */
  readonly test: string;
  readonly reason: string;
}

/** By page and language. */
const exceptions: Readonly<Record<string, Exception>> = {
  'README.md sh': {
    blocks: 3,
    test: 'packages/cli/src/serve/serve.test.ts',
    reason: 'installs, serves until it is stopped, and runs all tests',
  },
  'docs/tutorial.md sh': {
    blocks: 1,
    test: 'packages/cli/src/tutorial.test.ts',
    reason: 'makes the empty directory, which the test has already',
  },
  'docs/hunts.md yaml': {
    blocks: 1,
    test: 'packages/cli/src/documentation.test.ts',
    reason: 'is compiled there',
  },
  'docs/cluster.md sh': {
    blocks: 5,
    test: 'packages/cli/src/serve/cluster-documentation.int.test.ts',
    reason: 'run there, with servers',
  },
  'docs/cluster.md yaml': {
    blocks: 1,
    test: 'packages/cli/src/serve/cluster-documentation.int.test.ts',
    reason: 'is the file of that cluster',
  },
  'docs/cluster.md properties': {
    blocks: 1,
    test: 'services/src/kafka/kafka-settings.test.ts',
    reason: 'is what three brokers are started with',
  },
  'docs/configuration.md yaml': {
    blocks: 1,
    test: 'packages/cli/src/config/config-commands.test.ts',
    reason: 'is checked there',
  },
  'docs/configuration.md sh': {
    blocks: 4,
    test: 'packages/cli/src/config/config-cluster.int.test.ts',
    reason:
      'the commands of a cluster, with its own values; the others in config-commands.test.ts and cluster-file-commands.test.ts',
  },
  'docs/backup.md text': {
    blocks: 2,
    test: 'packages/cli/src/backup/backup.test.ts',
    reason: 'the times are of a backup that nobody has; the test has its own',
  },
  'docs/doctor.md text': {
    blocks: 1,
    test: 'packages/cli/src/serve/cluster-metrics.int.test.ts',
    reason: 'needs a cluster',
  },
  'docs/preflight.md sh': {
    blocks: 1,
    test: 'packages/cli/src/preflight/preflight-command.test.ts',
    reason: 'what it finds is of this machine',
  },
  'docs/preflight.md text': {
    blocks: 1,
    test: 'packages/cli/src/preflight/preflight-command.test.ts',
    reason: 'shows what a finding looks like',
  },
  'docs/load.md sh': {
    blocks: 1,
    test: 'packages/cli/src/load/load-command.test.ts',
    reason: 'looks for the knee, which takes minutes',
  },
  'docs/load.md sh tools': {
    blocks: 1,
    test: 'scripts/load/load-plans.int.test.ts',
    reason: 'neither tool comes with npm; the test brings them, and runs plans with both',
  },
  'docs/handbook.md sh': {
    blocks: 1,
    test: 'packages/cli/src/tune/tune-command.test.ts',
    reason: 'tuning takes half an hour on a machine of its own',
  },
  'docs/sizing.md sh': {
    blocks: 1,
    test: 'packages/cli/src/size/size-command.test.ts',
    reason: 'calibrating and tuning take minutes on a machine of their own',
  },
  'docs/logs-and-traces.md sh': {
    blocks: 1,
    test: 'packages/cli/src/serve/cluster-traces.int.test.ts',
    reason: 'needs a collector; the test has one',
  },
  'docs/migrate.md sh': {
    blocks: 2,
    test: 'packages/cli/src/migrate/migrate.int.test.ts',
    reason: 'needs a cluster; there and back in the test',
  },
  'docs/chaos.md sh': {
    blocks: 1,
    test: 'chaos/src/chaos.int.test.ts',
    reason: 'takes ten minutes; a short one in the test',
  },
  'docs/rehearsal.md sh': {
    blocks: 1,
    test: 'chaos/src/rehearsal/autoscaler/chart-workloads.test.ts',
    reason: 'takes seven minutes; what it scales by, and how, is tested',
  },
  'docs/deploy.md sh': {
    blocks: 5,
    test: 'scripts/deploy/checks.int.test.ts',
    reason:
      'needs Docker, Kubernetes and the rights to install; what they use is checked, and image.int.test.ts builds the image',
  },
  'docs/security.md sh': {
    blocks: 1,
    test: 'packages/cli/src/serve/secure-serve.test.ts',
    reason: 'needs certificates, which are made there',
  },
  'docs/security.md yaml': {
    blocks: 2,
    test: 'packages/cli/src/serve/cluster-encryption.int.test.ts',
    reason:
      'the first is checked by cluster-file-commands.test.ts; nodes are started with the second',
  },
  'docs/deploy.md yaml': {
    blocks: 1,
    test: 'scripts/deploy/chart-values.test.ts',
    reason: 'values of the chart',
  },
};

interface Block {
  readonly language: string;
  readonly text: string;
  /** The language of the block before it on the page. */
  readonly after: string;
}

function blocksOf(page: string): Block[] {
  let after = '';
  return [...page.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => {
    const block = { language: language!, text: text!, after };
    after = language!;
    return block;
  });
}

/** Of a shape or an output; a line that is typed is none. */
function isShown({ language, text }: Block): boolean {
  return /^(text)?$/.test(language) && !/^(npx|npm|curl|docker|kubectl) /m.test(text);
}

test('every code block is run by a test, or listed with what stands for it', () => {
  const left = new Map<string, number>();
  for (const [page, text] of documentationPages()) {
    for (const block of blocksOf(text)) {
      const { language, after } = block;
      if (runners[language]?.(page)) continue;
      if (language === 'json' && after === 'sh run') continue;
      const key = `${page} ${language}`;
      if (exceptions[key] === undefined && isShown(block)) continue;
      left.set(key, (left.get(key) ?? 0) + 1);
    }
  }
  const listed = Object.entries(exceptions).map(([key, { blocks }]) => [key, blocks]);
  assert.deepEqual(Object.fromEntries([...left].sort()), Object.fromEntries(listed.sort()));
});

test('what stands for a block exists', () => {
  for (const [key, { test: file }] of Object.entries(exceptions)) {
    assert.ok(existsSync(path.join(documentationRoot, file)), `${key}: ${file}`);
  }
});
