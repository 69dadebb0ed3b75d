import { testBenches } from './bench.contract.ts';

testBenches({ onClusters: true });
