export { breaches } from './accessibility.ts';
export { chromiumArguments, chromiumPath } from './browser.ts';
export { type BrowserWithCamera, launchWithCamera } from './browser-with-camera.ts';
export type { Picture } from './camera-film.ts';
