import { hkdfSync, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFileOnce, NodeDisk, removeDrafts } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { storing } from '../store-failed.ts';

const secretBytes = 32;

/** Keys for one purpose each, all derived from the one secret of a deployment (HKDF-SHA256, RFC 5869). */
export interface DeploymentSecret {
  /** Signs player tokens. */
  readonly tokenKey: Uint8Array;
  /** Hides accepted answers in published hunts, and signs scan codes. */
  readonly answerKey: Uint8Array;
  /** Nodes of a cluster show it to each other. */
  readonly internalKey: Uint8Array;
}

/**
 * Reads the secret of a deployment, making it first when there is none. Of several processes that
 * start at once one makes it and all read the same, which is durable then. Throws `engine-secret-invalid` when the file is
 * not a secret, `engine-store-failed` when it cannot be read or made.
 */
export function openSecretFile(path: string): DeploymentSecret {
  const secret = readOrMake(path);
  if (secret.length !== secretBytes) {
    throw engineErrors.create('engine-secret-invalid', {
      file: path,
      bytes: secret.length,
      expected: secretBytes,
    });
  }
  return {
    tokenKey: derive(secret, 'hunt player token 1'),
    answerKey: derive(secret, 'hunt answer 1'),
    internalKey: derive(secret, 'hunt internal 1'),
  };
}

function derive(secret: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), purpose, secretBytes));
}

function readOrMake(path: string): Uint8Array {
  return storing(path, () => {
    const disk = new NodeDisk();
    removeDrafts(disk, path);
    const secret = read(path);
    if (secret) {
      // Who made it may have died before its name was durable.
      disk.syncDirectory(dirname(path));
      return secret;
    }
    makeFileOnce(disk, path, randomBytes(secretBytes));
    return readFileSync(path);
  });
}

function read(path: string): Uint8Array | undefined {
  try {
    const secret = readFileSync(path);
    chmodSync(path, 0o600);
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
