/** Makes files that are committed, from sources that are the truth. */
export interface Generator {
  /** What it makes, for messages. */
  readonly name: string;
  /** A folder, relative to the root, where nothing else may be; what is left over is removed. */
  readonly ownedFolder?: string;
  /** Content by path relative to the root, with forward slashes. The same sources give the same. */
  generate(): Promise<ReadonlyMap<string, string>>;
}
