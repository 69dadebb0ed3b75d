/* Encryption of connections to servers, and between nodes. */

export { type TlsOptions, tlsConnectionOptions } from './tls-options.ts';
export { type TlsProblem, type TlsQuestion, tlsProblem, tlsReason } from './tls-problem.ts';
export { isUntrusted } from './untrusted-server.ts';
