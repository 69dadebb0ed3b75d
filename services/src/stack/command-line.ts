import { type ServiceName, serviceNames } from '../availability.ts';

const verbs = ['up', 'down', 'status', 'download'] as const;

export interface CommandLine {
  readonly verb: (typeof verbs)[number];
  /** Empty: the usual ones, or all that were started. */
  readonly services: readonly ServiceName[];
  readonly json: boolean;
}

export const usage = `npm run services -- up|down|status|download [SERVICE …] [--json]

  up        starts them on 127.0.0.1 and waits until each answers; they go on in the background.
            Without names: kafka, cassandra, redis, zookeeper
  status    asks each; without names all that were started
  down      ends them and removes their data; without names all that were started
  download  only gets what up would download

SERVICE is one of ${serviceNames.join(', ')}.`;

/** Throws with the usage for a line that it does not understand. */
export function parseCommandLine(line: readonly string[]): CommandLine {
  const words = line.filter((word) => word !== '--json');
  const [first, ...names] = words;
  const verb = verbs.find((known) => known === first);
  if (verb === undefined) {
    throw new Error(`${first === undefined ? 'say what to do' : `${first} is unknown`}\n${usage}`);
  }
  const services = names.map((name) => {
    const service = serviceNames.find((known) => known === name);
    if (service === undefined) throw new Error(`${name} is no service\n${usage}`);
    return service;
  });
  return { verb, services: [...new Set(services)], json: words.length < line.length };
}
