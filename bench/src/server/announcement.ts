/**
 * The child's side of `startChild`: says on standard output what the parent needs to know, and stops
 * when its input ends, which it does even when the parent is killed.
 */
export function announce(facts: object, stop: () => Promise<void>): void {
  process.stdin.resume().once('end', () => {
    void stop().then(() => process.exit(0));
  });
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}
