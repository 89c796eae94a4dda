/** The build replaces the name below. */
declare const FRAMEPORT_CORE_VERSION: string

/** The version of this package when it was built; a bundle keeps it. Undefined in the sources. */
export const builtVersion: string | undefined =
  typeof FRAMEPORT_CORE_VERSION === 'string' ? FRAMEPORT_CORE_VERSION : undefined
