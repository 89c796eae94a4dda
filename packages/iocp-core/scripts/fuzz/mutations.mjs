// Small changes of single lines, of the kinds that mutation testing has used since DeMillo, Lipton and Sayward (1978).
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nativeFolder } from '../addon-variants.mjs'

const folders = ['engine', 'backends/io_uring']
/** Not run by the engine: it asks what a kernel has, once, and the values of the kernel's are not ours to test. */
const left = ['probe.cc', 'kernel_abi.h', 'ring_shape.cc'].map((name) => `backends/io_uring/${name}`)

/** What is replaced by what, wherever it stands in a line. */
const swaps = [
  [/ < /g, ' <= '],
  [/ > /g, ' >= '],
  [/ <= /g, ' < '],
  [/ >= /g, ' > '],
  [/ == /g, ' != '],
  [/ != /g, ' == '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ \+= /g, ' -= '],
  [/ -= /g, ' += '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/\+\+/g, '--'],
  [/(?<=[(\s])!(?=[a-z_])/g, ''],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/\b0\b/g, '1'],
  [/\b1\b/g, '0'],
]
/** A call or an assignment on a line of its own, without a declaration. */
const statement = /^\s+(?!return\b)[a-z_][\w.>[\]-]*(?:\(.*\)| = .*| [+-]= .*|\+\+);$/
/** Checks do not change what right code does, declarations are no code, and pages have rights in the variant guard alone. */
const noCode =
  /^\s*(?:\/\/|#|static_assert|check\(|namespace|class |struct |template|constexpr|using |case )|\b(?:check|open_pages|close_pages)\(/

function ofLine(text) {
  const found = []
  for (const [pattern, replacement] of swaps) {
    for (const match of text.matchAll(pattern)) {
      found.push(text.slice(0, match.index) + replacement + text.slice(match.index + match[0].length))
    }
  }
  const condition = text.match(/^(\s*(?:\} else )?if \()(.*)(\)(?: \{| .*;)?)$/)
  if (condition !== null && balanced(condition[2]))
    found.push(`${condition[1]}!(${condition[2]})${condition[3]}`)
  if (statement.test(text)) found.push('')
  return found
}

function balanced(text) {
  let depth = 0
  for (const letter of text) {
    if (letter === '(') depth++
    if (letter === ')' && --depth < 0) return false
  }
  return depth === 0
}

/** `{ file, line, before, after, text }` of every change there is; `text` is the whole file with it. */
export function allMutations() {
  return folders.flatMap((folder) =>
    readdirSync(join(nativeFolder, folder))
      .map((name) => `${folder}/${name}`)
      .filter((file) => /\.(?:cc|h)$/.test(file) && !left.includes(file))
      .flatMap((file) => {
        const lines = readFileSync(join(nativeFolder, file), 'utf8').split('\n')
        return lines.flatMap((before, index) =>
          noCode.test(before)
            ? []
            : ofLine(before).map((after) => ({
                file,
                line: index + 1,
                before: before.trim(),
                after: after.trim(),
                text: [...lines.slice(0, index), after, ...lines.slice(index + 1)].join('\n'),
              })),
        )
      }),
  )
}

/** mulberry32 (public domain), so that a seed is a choice of mutations. */
export function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word ^= word + Math.imul(word ^ (word >>> 7), 61 | word)
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }
}
