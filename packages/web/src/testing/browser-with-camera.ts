import { type Browser, chromium } from 'playwright-core';
import { chromiumArguments } from './browser.ts';
import { FilmCamera } from './film-camera.ts';

/** A Chromium whose camera is a film. */
export interface BrowserWithCamera {
  readonly browser: Browser;
  readonly camera: FilmCamera;
  close(): Promise<void>;
}

/** To be closed by who starts it; `executablePath` as `chromiumPath` finds it. */
export async function launchWithCamera(executablePath: string): Promise<BrowserWithCamera> {
  const camera = new FilmCamera();
  const args = [...chromiumArguments, ...camera.chromiumArguments];
  const browser = await chromium.launch({ executablePath, args }).catch((error) => {
    camera.remove();
    throw error;
  });
  const close = async () => {
    await browser.close();
    camera.remove();
  };
  return { browser, camera, close };
}
