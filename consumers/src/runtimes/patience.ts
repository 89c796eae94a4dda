import { readFileSync } from 'node:fs'

/** The parts of an esbuild plugin that are used here. */
interface Bundling {
  onLoad(
    files: { readonly filter: RegExp },
    load: (file: {
      readonly path: string
    }) => { readonly contents: string; readonly loader: 'ts' } | undefined,
  ): void
  onEnd(ended: () => void): void
}

export interface Plugin {
  readonly name: string
  setup(build: Bundling): void
}

/** Longer than any machine takes; the test itself ends a program that hangs. */
const limitMs = 3_600_000

/**
 * Gives a program under test the full time of its test. Its own limits are made for waiting users: here they would measure
 * how busy the machine is, not the behaviour of the program.
 *
 * @param file the source that contains the limits
 * @param names of the limits, each followed by a number
 */
export function patient(file: string, names: readonly string[]): Plugin {
  return {
    name: 'patient',
    setup(build) {
      let isLoaded = false
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path !== file) return undefined
        isLoaded = true
        return { contents: withoutHurry(readFileSync(path, 'utf8'), names), loader: 'ts' }
      })
      build.onEnd(() => {
        if (!isLoaded) throw new Error(`${file} is no part of the program, and its limits stayed as they are`)
      })
    },
  }
}

/** @throws Error if a limit is not in the text */
function withoutHurry(text: string, names: readonly string[]): string {
  return names.reduce((before, name) => {
    const after = before.replaceAll(new RegExp(`\\b${name}: [\\d_]+`, 'g'), `${name}: ${limitMs}`)
    if (after === before) throw new Error(`there is no limit ${name}: number in a program under test`)
    return after
  }, text)
}
