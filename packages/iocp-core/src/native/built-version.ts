/** What the build puts in place of the name below. */
declare const FRAMEPORT_CORE_VERSION: string

/** The version of this package when it was built, which a bundle of it keeps. Undefined in the sources. */
export const builtVersion: string | undefined =
  typeof FRAMEPORT_CORE_VERSION === 'string' ? FRAMEPORT_CORE_VERSION : undefined
