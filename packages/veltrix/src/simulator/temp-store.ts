import type { StateStore } from '../checkpoint/state-store.ts';
export function openEmbeddedStateStore(_: unknown): StateStore {
  return { load: () => undefined, next: () => 'full', begin: () => ({ page() {}, commit(done) { done(); }, abort() {} }), oldestEventOffset: () => 0, close() {} };
}
