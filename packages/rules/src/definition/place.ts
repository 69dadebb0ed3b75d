/** A circle on the ground. Coordinates are WGS 84 in units of 1e-7 degree (about 11 mm), all numbers whole. */
export interface PlaceDefinition {
  readonly latitudeE7: number;
  readonly longitudeE7: number;
  readonly radiusMeters: number;
  /** A fix whose accuracy is worse than this is not judged. */
  readonly accuracyLimitMeters: number;
  /** Nanometres on the ground per unit of latitude, here. */
  readonly latitudeUnitNm: number;
  /** Nanometres on the ground per unit of longitude, here. */
  readonly longitudeUnitNm: number;
}

export type PlaceVerdict = 'inside' | 'outside' | 'too-coarse';

const turnE7 = 3_600_000_000;

/** Distances beyond this all count as this, so that they fit a record. */
const farthestMeters = 2_000_000_000;

/**
 * Distance in whole metres, rounded up, from a place to a fix. It is what goes into the log in place
 * of the coordinates: where somebody was is nobody's business but the gateway's, for a moment.
 *
 * It is that on a flat map around the place, with the shape of the earth at its latitude: only
 * + − × and a square root on whole numbers fixed at compile time, so that every machine and release
 * measures alike (`Math.cos` promises no such thing). Longitudes wrap at 180°. The error grows with the
 * distance; it is below 0.03 % at 1 km and below 0.3 % at 10 km up to 70° of latitude, 0.1 % and 1 %
 * at 85°. Numbers that are not finite count as farthest.
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
  const meters = Math.ceil(Math.sqrt(north * north + east * east) / 1e9);
  return Number.isNaN(meters) ? farthestMeters : Math.min(meters, farthestMeters);
}

/**
 * Judges a fix by its distance and accuracy (metres, the radius of the circle in which the player is):
 * - `too-coarse` when the accuracy is worse than the place's limit, wherever the fix is;
 * - `inside` when the fix's circle touches the place's: distance ≤ radius + accuracy;
 * - `outside` otherwise.
 */
export function judgePlace(
  place: Pick<PlaceDefinition, 'radiusMeters' | 'accuracyLimitMeters'>,
  distanceMeters: number,
  accuracyMeters: number,
): PlaceVerdict {
  if (accuracyMeters > place.accuracyLimitMeters) return 'too-coarse';
  return distanceMeters <= place.radiusMeters + accuracyMeters ? 'inside' : 'outside';
}

/** Metres of latitude and longitude per degree follow from the WGS 84 ellipsoid at this latitude. */
export function placeDefinition(
  latitude: number,
  longitude: number,
  radiusMeters: number,
  accuracyLimitMeters: number,
): PlaceDefinition {
  const latitudeE7 = Math.round(latitude * 1e7);
  const unit = 1e9 * (Math.PI / 180 / 1e7);
  const cosine = cosineOf((latitudeE7 / 1e7) * (Math.PI / 180));
  const flattened = 1 - eccentricitySquared * (1 - cosine * cosine);
  const normalRadius = equatorRadiusMeters / Math.sqrt(flattened);
  const meridianRadius = (normalRadius * (1 - eccentricitySquared)) / flattened;
  return {
    latitudeE7,
    longitudeE7: Math.round(longitude * 1e7),
    radiusMeters,
    accuracyLimitMeters,
    latitudeUnitNm: Math.round(meridianRadius * unit),
    longitudeUnitNm: Math.round(normalRadius * cosine * unit),
  };
}

const equatorRadiusMeters = 6_378_137;
const eccentricitySquared = 0.006_694_379_990_14;

/** Taylor series, exact to the last bits within a quarter turn, and the same everywhere, unlike `Math.cos`. */
function cosineOf(radians: number): number {
  const square = radians * radians;
  let sum = 1;
  for (let term = 24; term >= 2; term -= 2) sum = 1 - (sum * square) / (term * (term - 1));
  return sum;
}
