/** Servers have this core for themselves, and clients the other one. */
export const serverCore = 0
export const clientCore = 1
