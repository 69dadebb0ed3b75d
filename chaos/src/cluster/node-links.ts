import { type Direction, FaultProxy } from '@hunt/services';

/** To what a node has links. */
export const linkEnds = ['kafka', 'redis', 'cassandra', 'zookeeper'] as const;
export type LinkEnd = (typeof linkEnds)[number];

/** What one node reaches servers by: a proxy before each broker and each other server. */
export class NodeLinks {
  readonly #proxies: Readonly<Record<LinkEnd, readonly FaultProxy[]>>;

  private constructor(proxies: Readonly<Record<LinkEnd, readonly FaultProxy[]>>) {
    this.#proxies = proxies;
  }

  static async listen(brokers: number): Promise<NodeLinks> {
    const listen = (count: number) =>
      Promise.all(Array.from({ length: count }, () => FaultProxy.listen()));
    const [kafka, redis, cassandra, zookeeper] = await Promise.all([
      listen(brokers),
      listen(1),
      listen(1),
      listen(1),
    ]);
    return new NodeLinks({ kafka, redis, cassandra, zookeeper });
  }

  /** Where the node is to look for them, as `host:port`. */
  addresses(end: LinkEnd): string[] {
    return this.#proxies[end].map(({ address }) => address);
  }

  lead(end: LinkEnd, targets: readonly string[]): void {
    for (const [index, proxy] of this.#proxies[end].entries()) proxy.target = targets[index]!;
  }

  cut(end: LinkEnd): void {
    for (const proxy of this.#proxies[end]) proxy.cut();
  }

  hold(end: LinkEnd, ...directions: readonly Direction[]): void {
    for (const proxy of this.#proxies[end]) proxy.hold(...directions);
  }

  slow(end: LinkEnd, delayMs: number): void {
    for (const proxy of this.#proxies[end]) proxy.slow(delayMs);
  }

  heal(): void {
    for (const end of linkEnds) for (const proxy of this.#proxies[end]) proxy.heal();
  }

  async close(): Promise<void> {
    await Promise.all(linkEnds.flatMap((end) => this.#proxies[end].map((proxy) => proxy.close())));
  }
}
