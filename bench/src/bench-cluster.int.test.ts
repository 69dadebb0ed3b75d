import { testBenches } from './bench.contract.ts';

testBenches('on-clusters');
