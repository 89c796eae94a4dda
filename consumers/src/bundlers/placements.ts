import { copyFileSync, cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Ended, Place } from '../consumer/place.ts'
import { ranOn, reportOf } from '../consumer/report.ts'
import { type Format, fileOf } from './bundlers.ts'

/** A bundle that was moved after it was made, like the packages it was made from. */
export interface Bundle {
  readonly format: Format
  readonly file: string
}

export interface Surroundings {
  readonly place: Place
  /** The project's packages. */
  readonly modules: string
  /** A copy of the addon's file, and the package that contains it. */
  readonly addon: string
  readonly addonPackage: string
  /** The back end that the addon provides here. */
  readonly backend: string
}

/** Where a bundle is placed, and how it must behave there. */
export interface Placement {
  readonly name: string
  /** Copies the bundle into a folder of its own, and returns the result of running it there. */
  run(bundle: Bundle, around: Surroundings): Promise<Ended>
  /** The missing expected output; undefined if everything is correct. */
  failure(ended: Ended, around: Surroundings): string | undefined
}

export const placements: readonly Placement[] = [
  {
    name: 'beside node_modules',
    run: (bundle, around) =>
      started(bundle, around, {}, (folder) => symlinkSync(around.modules, join(folder, 'node_modules'))),
    failure: isNative,
  },
  {
    name: 'beside the package with the addon',
    run: (bundle, around) =>
      started(bundle, around, {}, (folder) => {
        const path = join('node_modules', around.addonPackage)
        cpSync(join(around.modules, around.addonPackage), join(folder, path), { recursive: true })
      }),
    failure: isNative,
  },
  {
    name: 'alone',
    run: (bundle, around) => started(bundle, around, {}),
    failure({ code, stdout, stderr }, { addonPackage }) {
      if (code !== 0 || !ranOn('net', reportOf(stdout))) return 'it does not run on net'
      if (stderr.match(/FRAMEPORT_BACKEND_FALLBACK/g)?.length !== 1) return 'it does not warn once'
      return helps(stderr, addonPackage)
    },
  },
  {
    name: 'alone, with a back end by its name',
    run: (bundle, around) => started(bundle, around, { FRAMEPORT_BACKEND: around.backend }),
    failure({ code, stderr }, { addonPackage }) {
      if (code === 0 || !stderr.includes('BACKEND_UNAVAILABLE')) return 'it does not fail'
      return helps(stderr, addonPackage)
    },
  },
  {
    name: 'alone, with FRAMEPORT_ADDON',
    run: (bundle, around) => started(bundle, around, { FRAMEPORT_ADDON: around.addon }),
    failure: isNative,
  },
]

/** Copies only the bundle into a new folder, lets `furnish` add files, and runs it there. */
function started(
  { format, file }: Bundle,
  { place }: Surroundings,
  environment: NodeJS.ProcessEnv,
  furnish: (folder: string) => void = () => {},
): Promise<Ended> {
  const folder = place.fresh()
  const program = join(folder, fileOf(format))
  copyFileSync(file, program)
  furnish(folder)
  return place.run(process.execPath, [program], environment, folder)
}

function isNative({ code, stdout, stderr }: Ended, { backend }: Surroundings): string | undefined {
  if (code !== 0 || !ranOn(backend, reportOf(stdout))) return `it does not run on ${backend}`
  return stderr.includes('bundle') ? 'it warns' : undefined
}

/** Whether it reports the reason, and the fix. */
function helps(stderr: string, addonPackage: string): string | undefined {
  const words = ['the code runs from a bundle', addonPackage, 'FRAMEPORT_ADDON']
  const missing = words.filter((word) => !stderr.includes(word))
  return missing.length === 0 ? undefined : `it does not say: ${missing.join(', ')}`
}
