import type { PlaceDefinition } from '../definition/place.ts';

const turnE7 = 3_600_000_000;
const farthestMeters = 2_000_000_000;

/**
 * Distance in whole metres (rounded up) from a place to a fix, on the same flat map that `judgePlace`
 * uses. It is what goes into the log in place of the coordinates: where somebody was is nobody's
 * business but the gateway's, for a moment.
 */
export function placeDistanceMeters(
  place: PlaceDefinition,
  latitudeE7: number,
  longitudeE7: number,
): number {
  let turned = Math.abs(longitudeE7 - place.longitudeE7);
  if (turned > turnE7 / 2) turned = turnE7 - turned;
  const north = (latitudeE7 - place.latitudeE7) * place.latitudeUnitNm;
  const east = turned * place.longitudeUnitNm;
  return Math.min(Math.ceil(Math.sqrt(north * north + east * east) / 1e9), farthestMeters);
}
