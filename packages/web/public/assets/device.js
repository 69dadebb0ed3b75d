// @ts-check

/**
 * Where this device is; rejects with an `Error` in plain words.
 * @returns {Promise<{ latitude: number, longitude: number, accuracyMeters: number }>}
 */
export function whereAmI() {
  return new Promise((resolve, reject) => {
    if (!isSecureContext || !('geolocation' in navigator)) {
      reject(new Error('Your browser gives no position here. Open the hunt over https.'));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        resolve({ latitude, longitude, accuracyMeters: Math.ceil(accuracy) }),
      ({ code }) =>
        reject(
          new Error(
            code === 1
              ? 'This page may not see your position. Allow it in the browser and try again.'
              : 'Your position could not be found. Step outside and try again.',
          ),
        ),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
    );
  });
}
