import type * as Sqlite from 'node:sqlite';

/**
 * Node 24 warns once, on loading, that `node:sqlite` is experimental. We pin the Node version and test
 * with it, so the warning tells an operator nothing; exactly this one is left out. A static import
 * would load the module before any of our code runs, hence `getBuiltinModule`.
 */
function loadSqlite(): typeof Sqlite {
  const { emitWarning } = process;
  const others = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) {
      Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  };
  process.emitWarning = others as typeof process.emitWarning;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

export const { DatabaseSync } = loadSqlite();
