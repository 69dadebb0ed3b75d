import { testBenches } from './bench.contract.ts';

testBenches('sizing');
