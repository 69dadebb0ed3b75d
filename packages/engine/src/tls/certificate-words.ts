import type { PemPart, PemWords } from 'veltrix/tls';
import { engineErrors } from '../errors.ts';

/** For what is wrong with a file that a setting names: `engine-certificate-invalid`. */
export function certificateWords(nameOf: (part: PemPart) => string): PemWords {
  return {
    nameOf,
    fail: (part, reason, cause) => {
      const details = { setting: nameOf(part), reason };
      return engineErrors.create('engine-certificate-invalid', details, { cause });
    },
  };
}
