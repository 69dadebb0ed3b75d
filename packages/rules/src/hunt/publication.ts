import { commandType } from '../fold/codes.ts';
import { noId, type SubjectCommand } from '../subject/subject.ts';
import { huntIdOf } from './hunt-id.ts';
import type { PublishedHunt } from './published-hunt.ts';

export type Publication = Omit<Required<SubjectCommand>, 'commandId' | 'receivedAt'>;

/** What makes a command that publishes a hunt: as many bytes as `value` says come after the subject, its JSON. */
export function publicationOf(published: PublishedHunt): Publication {
  const json = new TextEncoder().encode(JSON.stringify(published));
  return {
    ...{ type: commandType.publishHunt, hunt: huntIdOf(published.definition.id) },
    ...{ team: noId, player: noId, item: 0, detail: 0, value: json.length, extra: json },
  };
}
