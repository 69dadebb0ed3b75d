/** Origin of command records that the platform itself sends: nobody waits for their decisions. */
export const platformOrigin = 0;
