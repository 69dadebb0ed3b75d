import { encodeQR } from 'qr';

/** Modules of paper around the code, as ISO/IEC 18004 asks for. */
const quietZone = 4;

/**
 * A QR code as an SVG image, black on white with its quiet zone, a module being one unit; it has no size of its own. The
 * code is the smallest that holds the text with error correction M, and has Q where that needs no larger one.
 *
 * @param text up to 1,663 bytes of UTF-8
 */
export function qrSvg(text: string): string {
  const rows = qrModules(text);
  const size = rows.length;
  const dark = rows.map((row, y) => darkRuns(row, y)).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" role="img" aria-label="QR code" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${dark}"/></svg>`;
}

/** Row by row, dark ones being true. */
function qrModules(text: string): boolean[][] {
  const [medium, quartile] = (['medium', 'quartile'] as const).map((ecc) =>
    encodeQR(text, 'raw', { ecc, border: quietZone }),
  );
  return quartile!.length === medium!.length ? quartile! : medium!;
}

/** All in one path: between paths that touch, printers leave hair lines. */
function darkRuns(row: readonly boolean[], y: number): string {
  const modules = row.map((isDark) => (isDark ? '#' : ' ')).join('');
  return [...modules.matchAll(/#+/g)]
    .map(({ 0: { length }, index }) => `M${index} ${y}h${length}v1h-${length}z`)
    .join('');
}
