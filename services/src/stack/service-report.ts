import { addressVariable, givenAddresses, type ServiceName } from '../availability.ts';
import { services } from '../services.ts';
import { readState } from './state-file.ts';

const answerTimeoutMs = 5_000;

/** How one service does. */
export interface ServiceReport {
  readonly service: ServiceName;
  /** `given`: it answers at an address of the environment, and is not ours to start or end. */
  readonly state: 'answers' | 'given' | 'silent' | 'stopped' | 'failed';
  readonly addresses: readonly string[];
  /** Hands the addresses to tests, benches and programs; empty while there are none. */
  readonly environment: string;
  readonly pids: readonly number[];
  /** Data and logs; empty when it is not ours. */
  readonly directory: string;
  /** Why it is silent or failed. */
  readonly reason?: string;
}

/** A report without a server behind it. */
export function absent(
  service: ServiceName,
  state: 'stopped' | 'failed',
  reason?: string,
): ServiceReport {
  const nothing = { addresses: [], environment: '', pids: [], directory: '' };
  return { service, state, ...nothing, ...(reason === undefined ? {} : { reason }) };
}

/** Asks every server of the service in its own protocol. */
export async function serviceReport(service: ServiceName): Promise<ServiceReport> {
  const given = givenAddresses(service);
  const own = readState(service);
  const addresses = given ?? own?.addresses;
  if (addresses === undefined) return absent(service, 'stopped');
  const { processes = [], directory = '' } = given === undefined ? (own ?? {}) : {};
  const report = {
    service,
    addresses,
    environment: `${addressVariable(service)}=${addresses.join(',')}`,
    pids: processes.map(({ pid }) => pid),
    directory,
  };
  const { probe } = services[service];
  try {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    await Promise.all(addresses.map((address) => probe(address, signal)));
    return { ...report, state: given === undefined ? 'answers' : 'given' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...report, state: 'silent', reason };
  }
}
