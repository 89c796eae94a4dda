import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { nativeFolder, packageFolder } from '../addon-variants.mjs'
import { windowsPath } from './wine.mjs'

const sources = join(packageFolder, 'test', 'windows', 'native')
const compile = (...words) =>
  execFileSync('x86_64-w64-mingw32-g++-posix', ['-std=c++17', '-Os', '-static', ...words], {
    stdio: 'inherit',
  })

/** Builds the check of native/os/windows/delay_load.cc and two libraries for it. Returns their paths in Wine. */
export function buildDelayLoadCheck(folder) {
  const check = join(folder, 'delay_load_check.exe')
  mkdirSync(folder, { recursive: true })
  compile(
    join(sources, 'delay_load_check.cc'),
    join(nativeFolder, 'os', 'windows', 'delay_load.cc'),
    '-ldelayimp',
    '-o',
    check,
  )
  const libraries = [['with', '-DFRAMEPORT_WITH_NODE_API'], ['without']].map(([name, ...flags]) => {
    const library = join(folder, name, 'libnode.dll')
    mkdirSync(join(folder, name), { recursive: true })
    compile('-shared', ...flags, join(sources, 'libnode.cc'), '-o', library)
    return library
  })
  return [check, ...libraries].map(windowsPath)
}
