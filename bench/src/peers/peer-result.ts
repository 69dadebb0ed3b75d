import { median, rounded } from '../bench.ts';

/** What a peer did at its best, or why it could not be asked. */
export type PeerResult =
  | { readonly missing: string; readonly best?: undefined }
  | {
      readonly missing?: undefined;
      readonly best: { readonly perSecond: number; readonly [detail: string]: unknown };
    };

/** The members of a result that stand beside a peer: its median, the ratio, and how it was at its best. */
export function besidePeer(value: number, peers: readonly PeerResult[]) {
  const missing = peers.find((peer) => peer.missing !== undefined)?.missing;
  if (missing !== undefined) return { referenceValue: null, ratio: null, note: missing };
  const referenceValue = median(peers.map((peer) => peer.best!.perSecond));
  return {
    referenceValue: Math.round(referenceValue),
    ratio: rounded(value / referenceValue),
    referenceRuns: peers.map((peer) => peer.best!.perSecond),
    peer: peers.at(-1)!.best,
  };
}
