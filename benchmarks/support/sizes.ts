/** Calls under way on the one connection. */
export const callsInFlight = 64
/** Long enough that the beginning and the end of a stream do not count. */
export const itemsOfStream = 5000
