import type { CodedError } from '../../coded-error.ts';
import { veltrixErrors } from '../../errors.ts';
import type { TreeFailure } from './tree.ts';

/** What a failure of the tree is for whoever asked to do something at `place`. */
export function treeError(failure: TreeFailure, place: string): CodedError {
  switch (failure) {
    case 'unknown':
    case 'expired':
      return veltrixErrors.create('veltrix-coordination-unavailable', { place });
    case 'closed':
      return veltrixErrors.create('veltrix-coordination-closed');
    case 'refused':
      return veltrixErrors.create('veltrix-coordination-refused', { place });
    case 'exists':
    case 'version':
      return veltrixErrors.create('veltrix-coordination-conflict', { place });
    case 'missing': {
      const reason = 'it was removed';
      return veltrixErrors.create('veltrix-coordination-damaged', { place, reason });
    }
  }
}
