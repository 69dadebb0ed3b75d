/** What a peer did at its best, or why it could not be asked. */
export type PeerResult =
  | { readonly missing: string; readonly best?: undefined }
  | {
      readonly missing?: undefined;
      readonly best: { readonly perSecond: number; readonly [detail: string]: unknown };
    };
