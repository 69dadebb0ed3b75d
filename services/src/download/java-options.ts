import path from 'node:path';

/**
 * Options of every Java server of ours: what it unpacks or counts lies in its own directory, so
 * that a killed one leaves nothing elsewhere. `folders` hold its jars, and files it looks up. Those of
 * HUNT_SERVICES_JAVA, with spaces between them, come last and override others.
 */
export function javaOptions(directory: string, folders: readonly string[]): string[] {
  const classPath = folders.flatMap((folder) => [folder, path.join(folder, '*')]);
  return [
    '-Djava.awt.headless=true',
    `-Djava.io.tmpdir=${directory}`,
    '-XX:-UsePerfData',
    '-cp',
    classPath.join(path.delimiter),
    ...(process.env['HUNT_SERVICES_JAVA'] ?? '').split(' ').filter((option) => option !== ''),
  ];
}
