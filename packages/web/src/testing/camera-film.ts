import { createHash } from 'node:crypto';
import { encode } from 'uqr';

const width = 640;
const height = 480;
const framesPerSecond = 10;

/** Light of a wall and of paper, printed and not, before lamps and noise; 0 to 255. */
const wall = 128;
const paper = 225;
const ink = 40;

/** A square of paper, row by row; where it is printed is true. */
export type Picture = readonly (readonly boolean[])[];

/**
 * What a camera sees that is held before a poster, as Y4M, which Chromium takes for a camera's: a second of the wall, then
 * two of what is printed, over and over. That fills about half of the picture's height, a little turned and moving, lit
 * from one side, with soft edges and noise.
 *
 * @param printed a picture, or the text of a QR code; without it there is the wall alone
 */
export function cameraFilm(printed?: string | Picture): Buffer {
  const wallFrames = second(2, (number) => frame(noiseOf(`wall ${number}`), () => wall));
  if (printed === undefined) return film(wallFrames);
  const lightAt = poster(typeof printed === 'string' ? qrCode(printed) : printed);
  const posterFrames = second(5, (number) => {
    const [dx, dy] = [3 * Math.sin(number), 2 * Math.cos(number)];
    return frame(noiseOf(`poster ${number}`), (x, y) => lightAt(x - dx, y - dy));
  });
  return film([...wallFrames, ...posterFrames, ...posterFrames]);
}

/** The frames of a second, of which so many differ: they take long to draw. */
function second(distinct: number, draw: (number: number) => Buffer): Buffer[] {
  const drawn = Array.from({ length: distinct }, (_, number) => draw(number));
  return Array.from({ length: framesPerSecond }, (_, number) => drawn[number % distinct]!);
}

/** With four modules of paper around it, as the standard asks for. */
function qrCode(text: string): Picture {
  return encode(text, { ecc: 'M', border: 4 }).data;
}

/** The light at a place of what the camera sees: of the paper in its middle, or of the wall. */
function poster(printed: Picture): (x: number, y: number) => number {
  const size = printed.length;
  const pointWidth = (0.6 * height) / size;
  const [cos, sin] = [Math.cos(0.1), Math.sin(0.1)];
  return (x, y) => {
    const [dx, dy] = [x - width / 2, y - height / 2];
    const column = Math.floor((dx * cos + dy * sin) / pointWidth + size / 2);
    const row = Math.floor((dy * cos - dx * sin) / pointWidth + size / 2);
    const isPrinted = printed[row]?.[column];
    if (isPrinted === undefined) return wall;
    return isPrinted ? ink : paper;
  };
}

/** One picture; each of its points is the mean of four, darker to the right, with noise of a byte for each. */
function frame(noise: Buffer, lightAt: (x: number, y: number) => number): Buffer {
  const luma = Buffer.alloc(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = lightAt(x, y) + lightAt(x + 1, y) + lightAt(x, y + 1) + lightAt(x + 1, y + 1);
      const lamp = 1 - (0.4 * x) / width;
      const point = y * width + x;
      luma[point] = Math.round((light / 4) * lamp + noise[point]! / 16 - 8);
    }
  }
  // Grey: half as many points of both colours each way.
  return Buffer.concat([luma, Buffer.alloc((width * height) / 2, 128)]);
}

function film(pictures: readonly Buffer[]): Buffer {
  const head = `YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420\n`;
  const mark = Buffer.from('FRAME\n');
  return Buffer.concat([Buffer.from(head), ...pictures.flatMap((picture) => [mark, picture])]);
}

/** The same for each seed. */
function noiseOf(seed: string): Buffer {
  return createHash('shake256', { outputLength: width * height })
    .update(seed)
    .digest();
}
