/** Servers use only this core, and clients the other one. */
export const serverCore = 0
export const clientCore = 1
