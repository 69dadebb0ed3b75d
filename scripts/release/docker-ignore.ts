/**
 * Whether a `.dockerignore` lets a file into a build. Knows what ours uses: the last pattern that fits decides, `!` takes
 * a file back in, `**` is any number of folders, and a folder stands for all in it.
 */
export function isLetIn(ignoreFile: string, file: string): boolean {
  let isIn = true;
  for (const line of ignoreFile.split('\n')) {
    const pattern = line.trim();
    if (pattern === '' || pattern.startsWith('#')) continue;
    const isException = pattern.startsWith('!');
    if (expressionOf(isException ? pattern.slice(1) : pattern).test(file)) isIn = isException;
  }
  return isIn;
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.split('/').map((part) => {
    if (part === '**') return '(?:[^/]+/)*';
    return `${part.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}/`;
  });
  return new RegExp(`^${parts.join('').replace(/\/$/, '')}(?:/.*)?$`);
}
