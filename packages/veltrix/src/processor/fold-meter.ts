/** Is told of every record that a partition reads or decides, for whoever watches over its progress. */
export interface FoldMeter {
  begin(): void;
  /** Not called when it throws. */
  end(): void;
}
