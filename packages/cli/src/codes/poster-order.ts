import { cliErrors } from '../errors.ts';

/** The QR code of a link grows with it: with this and the longest ids it has 73 modules across. */
const linkLengthMost = 200;

/** What is to be made of a hunt's codes, and what their QR codes hold. */
export interface PosterOrder {
  /** Name of the HTML file, or undefined for none. */
  readonly posters: string | undefined;
  /** Name of the folder for SVG files, or undefined for none. */
  readonly svg: string | undefined;
  /** Where players play: QR codes then hold a link to it, otherwise the code alone. */
  readonly link: URL | undefined;
}

interface PosterFlags {
  readonly posters: string | undefined;
  readonly svg: string | undefined;
  readonly link: string | undefined;
}

/** Undefined when no posters are asked for. Throws cli-flag-missing, cli-flag-value-invalid. */
export function posterOrder({ posters, svg, link }: PosterFlags): PosterOrder | undefined {
  if (posters !== undefined || svg !== undefined) {
    return { posters, svg, link: link === undefined ? undefined : address(link) };
  }
  if (link === undefined) return undefined;
  const flag = '--posters FILE or --svg DIR beside --link';
  throw cliErrors.create('cli-flag-missing', { command: 'codes', flag });
}

function address(found: string): URL {
  const url = URL.parse(found);
  if (url !== null && /^https?:$/.test(url.protocol) && url.href.length <= linkLengthMost) {
    return url;
  }
  throw cliErrors.create('cli-flag-value-invalid', {
    flag: '--link',
    expected: `an http or https address of up to ${linkLengthMost} characters`,
    found: found.slice(0, 100),
  });
}
