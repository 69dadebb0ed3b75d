/** The folder of the pages: `index.html`, `board.html` and `assets/`, to be served as they are. */
export const webRoot: URL = new URL('../public/', import.meta.url);
