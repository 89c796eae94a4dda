/**
 * Which code of the packages a child process runs. Turbo builds the packages before it tests them, so under turbo a child
 * runs the builds: they are what users install, and they start in a tenth of the time. By hand, where builds may be old, a
 * child runs the sources.
 */
export const packageConditions: readonly string[] =
  process.env.TURBO_HASH === undefined ? ['--conditions=@frameport/source'] : []

/** The arguments of Node.js with which a child process runs TypeScript. */
export const typescriptArguments: readonly string[] = [...packageConditions, '--import', 'tsx']
