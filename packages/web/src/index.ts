/** The pages, to be served as they are. */
export const webFiles: {
  /** The folder of `index.html`, `board.html` and `assets/`. */
  readonly root: URL;
  /** What the pages import when they have to, from packages, by its address. */
  readonly modules: ReadonlyMap<string, URL>;
} = {
  root: new URL('../public/', import.meta.url),
  // Both files of the decoder, beside each other: the one imports `./index.js`.
  modules: new Map([
    ['/assets/qr/decode.js', new URL(import.meta.resolve('qr/decode.js'))],
    ['/assets/qr/index.js', new URL(import.meta.resolve('qr'))],
  ]),
};
