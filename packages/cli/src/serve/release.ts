/** Of this program, as members, log lines and traces say it. */
export const release = '0.1.0';
