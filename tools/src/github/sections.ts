/** The names of the sections of .ci/run, in their order. */
export function sectionsOf(script: string): readonly string[] {
  return [...script.matchAll(/^section '([^']+)'$/gm)].map(([, name = '']) => name)
}
