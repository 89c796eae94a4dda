/**
 * A timer that is so late was not fired by a process that ran: the machine was suspended, or the process stopped. What waited meanwhile
 * has as much time again to be read.
 */
export const stoodStillMs = 1_000
