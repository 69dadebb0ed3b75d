/** One request as the client makes it. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborts the attempt: the caller gave up, or its time is over. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** A header by its name in lower case; null when absent. */
  header(name: string): string | null;
  readonly body: string;
}

/**
 * How requests leave the program. Answers of any status resolve; it rejects only when no whole answer
 * came, and then nothing is known about what the server did.
 */
export interface HttpTransport {
  send(request: HttpRequest): Promise<HttpResponse>;
}
