/** Form of the ids of hunts, steps and treasures, without anchors. */
export const slugPattern = '[a-z0-9-]{1,64}';

const slugExpression = new RegExp(`^${slugPattern}$`);

export function isSlug(text: string): boolean {
  return slugExpression.test(text);
}

/** An id made of `text`: accents dropped, anything but letters and digits a hyphen; empty when nothing is left. */
export function slugify(text: string): string {
  return text
    .slice(0, 1_024)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 64)
    .replace(/-$/, '');
}
