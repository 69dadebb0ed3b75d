import { testBusContract } from '../bus.contract.ts';
import { MemoryBus } from './memory-bus.ts';

testBusContract('memory', async () => {
  const errors: unknown[] = [];
  return {
    bus: new MemoryBus((error) => errors.push(error)),
    errors,
    settle: async () => {},
    close: async () => {},
  };
});
