/** Node for Windows in Wine, on a kernel that is Linux all the same. Whoever starts the suite there says so. */
export const isWine = process.env.FRAMEPORT_CONFORMANCE_WINE !== undefined
