/** Handlers of a server without statistics. */
export const noFigures = { async *watch() {} }
