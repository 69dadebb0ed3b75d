/** What `hunt --json` says in place of a result. */
export interface RefusalMessage {
  readonly error: { readonly id: string; readonly message: string; readonly remedy: string };
}

/** Why a server of our own did not start, in its own words: told as if this command had found it. */
export class ServerRefusal extends Error {
  readonly id: string;
  readonly remedy: string;
  /** What it exited with. */
  readonly code: number;

  constructor({ error }: RefusalMessage, code: number) {
    super(error.message);
    this.name = 'ServerRefusal';
    this.id = error.id;
    this.remedy = error.remedy;
    this.code = code;
  }
}
