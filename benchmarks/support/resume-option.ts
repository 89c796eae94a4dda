/** FRAMEPORT_RESUME=off: sessions end with their connections, on both sides. */
export const resumeOption = process.env.FRAMEPORT_RESUME === 'off' ? { resume: false } : {}
