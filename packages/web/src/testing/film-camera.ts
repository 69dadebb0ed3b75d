import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cameraFilm, type Picture } from './camera-film.ts';

/** The camera of a Chromium that is started with its arguments: a film, which it begins anew each time it is turned on. */
export class FilmCamera {
  readonly #directory = mkdtempSync(join(tmpdir(), 'hunt-camera-'));
  readonly #film = join(this.#directory, 'film.y4m');

  constructor() {
    this.show();
  }

  get chromiumArguments(): readonly string[] {
    return [
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${this.#film}`,
    ];
  }

  /** What it sees from the next time on: a picture, a QR code of a text, or a wall. */
  show(printed?: string | Picture): void {
    // The film is replaced, not written over: Chromium may still be reading it.
    const next = `${this.#film}.next`;
    writeFileSync(next, cameraFilm(printed));
    renameSync(next, this.#film);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}
