import { readFileSync } from 'node:fs'

/** What a plugin of esbuild uses here. */
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
 * Gives a program under test all the time of its test. Its limits are made for people who wait: here they would judge how
 * busy the machine is, and not what the program does.
 *
 * @param file the source in which the limits stand
 * @param names of the limits, each with a number behind it
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

/** @throws Error when a limit does not stand in the text */
function withoutHurry(text: string, names: readonly string[]): string {
  return names.reduce((before, name) => {
    const after = before.replaceAll(new RegExp(`\\b${name}: [\\d_]+`, 'g'), `${name}: ${limitMs}`)
    if (after === before) throw new Error(`there is no limit ${name}: number in a program under test`)
    return after
  }, text)
}
