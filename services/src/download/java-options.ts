import path from 'node:path';

/**
 * Options of every Java server of ours: what it unpacks or counts lies in its own directory, so
 * that a killed one leaves nothing elsewhere. `folders` hold its jars, and files it looks up.
 */
export function javaOptions(directory: string, folders: readonly string[]): string[] {
  const classPath = folders.flatMap((folder) => [folder, path.join(folder, '*')]);
  return [
    '-Djava.awt.headless=true',
    `-Djava.io.tmpdir=${directory}`,
    '-XX:-UsePerfData',
    '-cp',
    classPath.join(path.delimiter),
  ];
}
