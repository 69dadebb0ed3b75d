import type { HttpTransport } from './http-transport.ts';

/** The platform's own `fetch`: browsers, Node 24. */
export const fetchTransport: HttpTransport = {
  async send(request) {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      signal: request.signal,
      redirect: 'error',
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const body = await response.text();
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      body,
    };
  },
};
