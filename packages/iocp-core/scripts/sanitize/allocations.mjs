// No object of the engine or of a back end may allocate by a way that the variants `inject` do not take over: the
// throwing `new` above all, which nothing could answer in a build without exceptions.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../addon-variants.mjs'

/** `operator new` and `operator new[]` in the throwing form, and the ways of C that have no wrapper. */
const uncovered = /\b(?:_Znwm|_Znam|malloc|calloc|strdup|posix_memalign|aligned_alloc)$/
/** node-addon-api makes its own objects there, for each call from JavaScript; ours are looked at like all others. */
const ofNodeAddonApi =
  /^binding-(?:addon|arguments|native_port|receive_array|test_seams)\.cc\.o$|^variants-(?:guard|injection)-/

/** `[whether all are covered, what is not]` */
export function checkAllocations() {
  const folder = join(packageFolder, 'build', 'objects', 'plain')
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.o') && !ofNodeAddonApi.test(name))
    .flatMap((name) => {
      const symbols = execFileSync('nm', ['--undefined-only', join(folder, name)], { encoding: 'utf8' })
      return symbols
        .split('\n')
        .filter((line) => uncovered.test(line.trim()))
        .map((line) => `${name}: ${line.trim()}`)
    })
  return [found.length === 0, found.join('\n')]
}
