import { readFileSync } from 'node:fs';
import { engineErrors } from '../errors.ts';

export interface ClusterFile {
  readonly content: unknown;
  /** Where a key stands, as FILE:LINE:COLUMN; the file where it is not in it. `path` has dots between keys. */
  readonly placeOf: (path: string) => string;
}

/** Throws `engine-cluster-config-invalid`. Loads the reader of YAML when it is needed. */
export async function readClusterFile(file: string): Promise<ClusterFile> {
  const { isMap, isScalar, isSeq, LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const unreadable = (place: string, error: Error) => {
    const reason = error.message.split('\n')[0]!;
    const details = { file: place, key: 'the file', reason };
    return engineErrors.create('engine-cluster-config-invalid', details, { cause: error });
  };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error as Error);
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) throw unreadable(placeAt(error.pos[0]), error);
  const placeOf = (path: string) => {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const key of path.split('.')) {
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => isScalar(item.key) && String(item.key.value) === key,
        );
        if (pair === undefined) break;
        offset = (pair.key as { readonly range?: readonly number[] }).range?.[0];
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(key)];
        offset = (node as { readonly range?: readonly number[] } | undefined)?.range?.[0] ?? offset;
      } else break;
    }
    return offset === undefined ? file : placeAt(offset);
  };
  try {
    return { content: document.toJS(), placeOf };
  } catch (error) {
    // An alias of nothing, or of too much.
    throw unreadable(file, error as Error);
  }
}
