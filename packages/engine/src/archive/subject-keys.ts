import { eventType, subject, subjectBytes } from '@hunt/rules';
import { type EventView, firstApplicationType } from 'veltrix';
import { huntKey, teamKey, treasureKey } from './posting-key.ts';

const firstTreasureEvent = eventType.claimRequested;
const lastTreasureEvent = eventType.reservationLapsed;

/** The keys that an event is found by. One object is reused: they hold until the next `read`. */
export class SubjectKeys {
  huntLow = 0;
  huntHigh = 0;
  /** Whether the hunt is another one than that of the event before. */
  isOtherHunt = true;
  team = 0;
  /** Undefined where the event is about none. */
  treasure: number | undefined;
  #hunt: number | undefined;

  get hunt(): number {
    return this.#hunt!;
  }

  /** A record begins. */
  begin(): void {
    this.#hunt = undefined;
  }

  /** False: the event is of no hunt. */
  read(event: EventView): boolean {
    if (!hasSubject(event)) return false;
    const { view, payloadStart } = event;
    const low = subject.huntLow(view, payloadStart);
    const high = subject.huntHigh(view, payloadStart);
    this.isOtherHunt = this.#hunt === undefined || low !== this.huntLow || high !== this.huntHigh;
    if (this.isOtherHunt) {
      this.#hunt = huntKey(low, high);
      [this.huntLow, this.huntHigh] = [low, high];
    }
    const hunt = this.hunt;
    const [teamLow, teamHigh] = [
      subject.teamLow(view, payloadStart),
      subject.teamHigh(view, payloadStart),
    ];
    this.team = teamKey(hunt, teamLow, teamHigh);
    const isAbout = isAboutTreasure(event);
    this.treasure = isAbout ? treasureKey(hunt, subject.item(view, payloadStart)) : undefined;
    return true;
  }
}

/** The platform's own events have no subject and are of no hunt. */
export function hasSubject(event: EventView): boolean {
  return (
    event.type >= firstApplicationType && event.payloadEnd - event.payloadStart >= subjectBytes
  );
}

export function isAboutTreasure(event: EventView): boolean {
  return event.type >= firstTreasureEvent && event.type <= lastTreasureEvent;
}
