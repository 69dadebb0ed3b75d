/* Encryption of connections to servers, and between nodes. */

export {
  type Environment,
  type PemPart,
  type PemPlaces,
  type PemWords,
  pemState,
  readPemFiles,
  readShownCertificate,
} from './pem-files.ts';
export { type TlsOptions, tlsConnectionOptions } from './tls-options.ts';
export {
  isPlainAnswer,
  type TlsProblem,
  type TlsQuestion,
  tlsProblem,
  tlsReason,
} from './tls-problem.ts';
export { isUntrusted } from './untrusted-server.ts';
