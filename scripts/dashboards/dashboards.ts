import { capacity } from './capacity.ts';
import { cluster } from './cluster.ts';
import type { Dashboard } from './dashboard.ts';
import { dependencies } from './dependencies.ts';
import { huntLive } from './hunt-live.ts';
import { overview } from './overview.ts';
import { pipeline } from './pipeline.ts';
import { stayingUp } from './staying-up.ts';

export const dashboards: readonly Dashboard[] = [
  overview,
  huntLive,
  pipeline,
  cluster,
  dependencies,
  capacity,
  stayingUp,
];
