import { execFileSync } from 'node:child_process'

/**
 * The system requirements that an addon for Linux may have: the glibc of RHEL 7. The C++ library of such a system is
 * older than current compilers require, whatever Node.js contains, so an addon may not require one.
 */
const highest = { GLIBC: [2, 17] } as const
const libraries = ['libc.so.6', 'libm.so.6', 'libpthread.so.0']
const interpreter = /^ld-linux-/

/** The requirements of an addon for Linux that old systems do not meet. Empty if it runs on them. */
export function addonProblems(file: string): readonly string[] {
  const readelf = (option: string) =>
    execFileSync('readelf', ['--wide', option, file], {
      encoding: 'utf8',
      // A program has more symbols than an addon.
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const needed = [...readelf('--dynamic').matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name = '']) => name)
  const versions = [...readelf('--version-info').matchAll(/Name: (\w+?)_([\d.]+)\b/g)]
  if (needed.length === 0 || versions.length === 0) return [`readelf finds no libraries in ${file}`]
  return [
    ...needed
      .filter((name) => !libraries.includes(name) && !interpreter.test(name))
      .map((name) => `it needs the library ${name}`),
    ...versions.flatMap(([, name = '', version = '']) => tooNew(name, version)),
  ]
}

function tooNew(name: string, version: string): readonly string[] {
  const limit: readonly number[] | undefined = highest[name as keyof typeof highest]
  if (limit === undefined) return [`it needs ${name}_${version}, of which nothing is known`]
  const parts = version.split('.').map(Number)
  const difference = parts.map((part, index) => part - (limit[index] ?? 0)).find((step) => step !== 0) ?? 0
  return difference > 0
    ? [`it needs ${name}_${version}, and ${name}_${limit.join('.')} is the highest allowed`]
    : []
}
