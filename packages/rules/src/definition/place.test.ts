import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgePlace, type PlaceDefinition, placeDefinition, placeDistanceMeters } from './place.ts';

/** One metre is 1e7 / 111,320 units of latitude, within a percent anywhere. */
const unitsPerMeter = 1e7 / 111_320;

function judge(place: PlaceDefinition, latitudeE7: number, longitudeE7: number, accuracy: number) {
  return judgePlace(place, placeDistanceMeters(place, latitudeE7, longitudeE7), accuracy);
}

function judgeNorthOf(latitude: number, meters: number, accuracy: number) {
  const place = placeDefinition(latitude, 8.5, 50, 100);
  return judge(place, place.latitudeE7 + meters * unitsPerMeter, place.longitudeE7, accuracy);
}

test('a fix is inside when its circle touches that of the place', () => {
  assert.equal(judgeNorthOf(47, 0, 0), 'inside');
  assert.equal(judgeNorthOf(47, 49, 0), 'inside');
  assert.equal(judgeNorthOf(47, 51, 0), 'outside');
  assert.equal(judgeNorthOf(47, -51, 0), 'outside');
  assert.equal(judgeNorthOf(47, 51, 5), 'inside');
  assert.equal(judgeNorthOf(47, 148, 100), 'inside');
  assert.equal(judgeNorthOf(47, 152, 100), 'outside');
});

test('a fix worse than the limit is too coarse, even in the middle', () => {
  assert.equal(judgeNorthOf(47, 0, 100), 'inside');
  assert.equal(judgeNorthOf(47, 0, 100.01), 'too-coarse');
  assert.equal(judgeNorthOf(47, 10_000, 101), 'too-coarse');
  assert.equal(judgeNorthOf(47, 0, Number.POSITIVE_INFINITY), 'too-coarse');
});

test('numbers that make no sense never open a place', () => {
  assert.equal(judgeNorthOf(47, Number.NaN, 0), 'outside');
  assert.equal(judgeNorthOf(47, 0, Number.NaN), 'outside');
  assert.equal(judgeNorthOf(47, Number.POSITIVE_INFINITY, 0), 'outside');
  assert.equal(judgeNorthOf(47, 51, -200), 'outside');
});

test('degrees of longitude shrink towards the poles', () => {
  const judgeEastOf = (latitude: number, meters: number) => {
    const place = placeDefinition(latitude, 8.5, 50, 100);
    const units = (meters * unitsPerMeter) / Math.cos((latitude * Math.PI) / 180);
    return judge(place, place.latitudeE7, place.longitudeE7 + units, 0);
  };
  for (const latitude of [-85, -60, 0, 30, 47, 70, 85]) {
    assert.equal(judgeEastOf(latitude, 49), 'inside', `${latitude}`);
    assert.equal(judgeEastOf(latitude, 51), 'outside', `${latitude}`);
  }
});

test('the antimeridian does not separate neighbours', () => {
  const fiji = placeDefinition(-17, 179.9999, 50, 100);
  assert.equal(judge(fiji, fiji.latitudeE7, -1_799_999_000, 0), 'inside');
  assert.equal(judge(fiji, fiji.latitudeE7, -1_799_900_000, 0), 'outside');
  assert.equal(judge(fiji, fiji.latitudeE7, 0, 0), 'outside');
});

test('units on the ground agree with the ellipsoid', () => {
  // Published lengths of a degree on WGS 84, in metres: latitude, longitude.
  const published = [
    [0, 110_574, 111_320],
    [15, 110_649, 107_551],
    [30, 110_852, 96_486],
    [45, 111_132, 78_847],
    [60, 111_412, 55_800],
    [75, 111_618, 28_902],
  ] as const;
  for (const [latitude, north, east] of published) {
    const { latitudeUnitNm, longitudeUnitNm } = placeDefinition(latitude, 0, 1, 1);
    assert.ok(Math.abs(latitudeUnitNm / 100 - north) <= 1.5, `${latitude}: ${latitudeUnitNm}`);
    assert.ok(Math.abs(longitudeUnitNm / 100 - east) <= 1.5, `${latitude}: ${longitudeUnitNm}`);
  }
});

test('a definition holds whole numbers only', () => {
  for (const number of Object.values(placeDefinition(47.3768871, 8.5416941, 60, 100))) {
    assert.ok(Number.isSafeInteger(number));
  }
});
