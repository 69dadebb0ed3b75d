import path from 'node:path';
import { isSlug } from '@hunt/rules/definition';
import type { ScanCode } from '@hunt/sdk';
import { cliErrors } from '../errors.ts';
import { createSecrets, type NewFile } from '../terminal/files.ts';
import type { PosterOrder } from './poster-order.ts';
import { type Poster, posterPage } from './poster-page.ts';
import { qrSvg } from './qr-svg.ts';

interface CodesOfHunt {
  readonly hunt: string;
  readonly title: string;
  readonly codes: readonly ScanCode[];
}

/**
 * Writes the posters of a hunt, and says so in a line. Throws cli-posters-none, cli-file-exists, cli-file-unwritable;
 * nothing is written then.
 */
export function makePosters(order: PosterOrder, { hunt, title, codes }: CodesOfHunt): string {
  if (codes.length === 0) throw cliErrors.create('cli-posters-none', { hunt });
  const posters = codes.map((code) => ({ ...code, image: qrSvg(qrText(code, order)) }));
  const files: NewFile[] = [];
  if (order.posters !== undefined) {
    files.push({ file: order.posters, text: posterPage({ title, link: order.link }, posters) });
  }
  if (order.svg !== undefined) files.push(...svgFiles(order.svg, posters));
  createSecrets(files);
  const places = [order.posters, order.svg].filter((place) => place !== undefined).join(' and ');
  return `Wrote ${codes.length} poster(s) to ${places}. Whoever has them can solve these steps.\n`;
}

/** What a scanner reads; the page takes both. */
function qrText({ code }: ScanCode, { link }: PosterOrder): string {
  if (link === undefined) return code;
  const address = new URL(link);
  address.searchParams.set('scan', code);
  return address.href;
}

/** Throws cli-file-unwritable where a step's id is none, whatever server has named it. */
function svgFiles(folder: string, posters: readonly Poster[]): NewFile[] {
  return posters.map(({ step, image }) => {
    const file = path.join(folder, `${step}.svg`);
    if (!isSlug(step)) {
      const reason = 'the server names a step by what is no id of one';
      throw cliErrors.create('cli-file-unwritable', { file, reason });
    }
    return { file, text: `${image}\n` };
  });
}
