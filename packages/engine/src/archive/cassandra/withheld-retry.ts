/** Why a failure says little of the servers: one of them failed, and the budget let no other be asked. */
export class WithheldRetry extends Error {
  constructor(cause: unknown) {
    super('a server failed, and the budget for asking another one is spent', { cause });
  }
}

/** Whether others may be there to answer: nobody is to be kept from asking because of this error of ours. */
export function isOfOneServer(error: Error): boolean {
  return error.cause instanceof WithheldRetry;
}
