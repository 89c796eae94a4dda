/**
 * A timer that is this late shows that the machine or the process was suspended. Input that arrived meanwhile gets this
 * much time again to be read.
 */
export const stoodStillMs = 1_000
