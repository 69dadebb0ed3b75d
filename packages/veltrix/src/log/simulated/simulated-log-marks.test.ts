import { testLogMarksContract } from '../log-marks.contract.ts';
import { SimulatedLogMarks } from './simulated-log-marks.ts';

const texts = new Map<string, string>();

testLogMarksContract('simulated', async (place) => ({
  marks: new SimulatedLogMarks(place, texts),
  close: () => {},
}));
