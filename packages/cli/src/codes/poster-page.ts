import { escaped } from '@hunt/load';
import type { ScanCode } from '@hunt/sdk';
import { posterStyle } from './poster-style.ts';

export interface Poster extends ScanCode {
  /** The QR code, as SVG. */
  readonly image: string;
}

interface PosterHunt {
  readonly title: string;
  /** Where it is played; undefined where the QR codes hold codes alone. */
  readonly link: URL | undefined;
}

/** One HTML file without anything from elsewhere; each poster is a page when it is printed. */
export function posterPage(hunt: PosterHunt, posters: readonly Poster[]): string {
  const each = posters.length === 1 ? 'It is one page' : `Each of the ${posters.length} is a page`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Posters: ${escaped(hunt.title)}</title>
<style>${posterStyle}</style>
<body>
<header>
<h1>Posters: ${isolated(hunt.title)}</h1>
<p>Print this. ${each}, without these lines. Whoever has this file can solve these steps: keep it to yourself.</p>
</header>
<main>
${posters.map((poster) => posterArticle(hunt, poster)).join('\n')}
</main>
</body>
</html>
`;
}

function posterArticle({ title, link }: PosterHunt, poster: Poster): string {
  const isCrowded =
    poster.code.length > 80 || [title, poster.title, link?.href ?? ''].some(takesMuchRoom);
  return `<article class="${isCrowded ? 'crowded poster' : 'poster'}">
<p class="hunt" dir="auto">${escaped(title)}</p>
<h2 dir="auto">${escaped(poster.title)}</h2>
${poster.image}
<p>${link === undefined ? scanOnThePage : 'Point your telephone’s camera at the code and open the link.'}</p>
<p class="typed">No camera? ${whereToType(link)}, capital and small letters as they are, without spaces:</p>
<p class="code"><code dir="ltr" translate="no">${codeParts(poster.code)}</code></p>
</article>`;
}

const scanOnThePage =
  'Open the hunt on your telephone, press “Scan with the camera” at this step, and point the camera at the code.';

function whereToType(link: URL | undefined): string {
  return link === undefined
    ? 'Type this at the step'
    : `Go to <span dir="ltr">${escaped(link.href)}</span> and type this at the step`;
}

/** A line ends behind a dot where it can: behind a hyphen, nobody would know whether that is of the code. */
function codeParts(code: string): string {
  const parts = code.split(/(?<=\.)/);
  return parts.map((part) => `<span>${escaped(part)}</span>`).join('');
}

/** Beyond this a text is set smaller, so that the longest that a hunt may have fit on the page. */
function takesMuchRoom(text: string): boolean {
  return text.length > 60;
}

/** Within a line, in whichever direction it is written. */
function isolated(text: string): string {
  return `<bdi>${escaped(text)}</bdi>`;
}
