/* Whatever is decided takes a hundredth of a second longer. */
import { ProcessorMeter } from '../../processor/processor-meter.ts';
import { sleep } from './sleep.ts';

const { ofFold } = ProcessorMeter.prototype;

ProcessorMeter.prototype.ofFold = function (partition) {
  const meter = ofFold.call(this, partition);
  const begin = () => {
    meter.begin();
    sleep(10);
  };
  return { begin, end: meter.end };
};
