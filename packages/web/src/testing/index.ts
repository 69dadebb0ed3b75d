export { chromiumArguments, chromiumPath } from './browser.ts';
export { FilmCamera } from './film-camera.ts';
