import { createRequire } from 'node:module';
import type { CompileSchema, ValidateFunction } from './schema-validator.ts';

type CompilerFactory = (externalSchemas: unknown, options: unknown) => CompileSchema;

/**
 * Makes validators as fastify does, but loads its compiler (Ajv: 100 modules, 10 MB, a quarter of a
 * start's time) and compiles a schema only with the first body to check.
 */
export function lateValidators(externalSchemas: unknown, options: unknown): CompileSchema {
  let compile: CompileSchema | undefined;
  return (route) => {
    let validate: ValidateFunction | undefined;
    const late: ValidateFunction = (value) => {
      compile ??= fastifyCompiler()(externalSchemas, options);
      validate ??= compile(route);
      const valid = validate(value);
      late.errors = validate.errors ?? null;
      return valid;
    };
    return late;
  };
}

/** The one that fastify depends on and would load itself, wherever npm has put it. */
function fastifyCompiler(): CompilerFactory {
  const require = createRequire(createRequire(import.meta.url).resolve('fastify'));
  const newFactory = require('@fastify/ajv-compiler') as () => CompilerFactory;
  return newFactory();
}
