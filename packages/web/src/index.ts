/** The pages, to be served as they are. */
export const webFiles: {
  /** The folder of `index.html`, `board.html` and `assets/`. */
  readonly root: URL;
  /** Where what the pages import from packages is, by its address. Few visitors need it, so nobody has to look at the start. */
  readonly modules: ReadonlyMap<string, () => URL>;
} = {
  root: new URL('../public/', import.meta.url),
  // Beside each other, since decode.js imports ./index.js.
  modules: new Map([
    ['/assets/qr/decode.js', () => new URL(import.meta.resolve('qr/decode.js'))],
    ['/assets/qr/index.js', () => new URL(import.meta.resolve('qr'))],
  ]),
};
