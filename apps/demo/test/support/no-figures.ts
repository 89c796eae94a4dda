/** Handlers of a server that has no figures. */
export const noFigures = { async *watch() {} }
