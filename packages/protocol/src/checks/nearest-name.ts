import { wrongRecord } from './check-value.ts'
import { reading } from './unreadable.ts'
import { usualName } from './usual-names.ts'

/** Limits of the hint in the text of a failure for an unknown name. Its cost may be paid for a stranger. */
const hintLimits = {
  /** A longer name is not a typing error of a known one. */
  nameLengthMax: 128,
  /** Names that are compared. */
  candidatesMax: 512,
  /** Changes of a letter between a name and the hint. */
  distanceMax: 3,
  /** Pairs of letters that are compared for one hint: a fraction of a millisecond. Later names are not compared. */
  pairsMax: 30_000,
} as const

/** Names that are listed where none is near. */
const listedMax = 12

/**
 * Returns the name that was probably meant; undefined if none is near. The case of letters does not count. At most
 * half of the letters of the shorter name may differ. The work is bounded, whatever `name` is.
 */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  if (name.length > hintLimits.nameLengthMax) return undefined
  let best: string | undefined
  let bestDistance: number = hintLimits.distanceMax + 1
  let compared = 0
  let pairsLeft: number = hintLimits.pairsMax
  const wanted = name.toLowerCase()
  for (const candidate of names) {
    if (compared++ >= hintLimits.candidatesMax || pairsLeft <= 0) break
    const distanceMax = Math.min(bestDistance - 1, Math.min(candidate.length, name.length) >> 1)
    if (Math.abs(candidate.length - name.length) > distanceMax) continue
    const [one, other] = differingParts(wanted, candidate.toLowerCase())
    pairsLeft -= one.length * (2 * distanceMax + 1)
    const distance = editDistance(one, other, distanceMax)
    if (distance > distanceMax) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

/** Removes the common beginning and end, which do not affect the distance. */
function differingParts(one: string, other: string): [string, string] {
  const shorter = Math.min(one.length, other.length)
  let begin = 0
  while (begin < shorter && one[begin] === other[begin]) begin++
  let end = 0
  while (end < shorter - begin && one.at(-1 - end) === other.at(-1 - end)) end++
  return [one.slice(begin, one.length - end), other.slice(begin, other.length - end)]
}

/**
 * Insertions, deletions and replacements from one to the other (Wagner and Fischer), or `max + 1` when there are more:
 * only cells within `max` of the diagonal are computed (Ukkonen), and none below a row that has no small one.
 */
function editDistance(one: string, other: string, max: number): number {
  const tooFar = max + 1
  let above = Array.from({ length: other.length + 1 }, (_, index) => Math.min(index, tooFar))
  let row = above.map(() => tooFar)
  for (let i = 1; i <= one.length; i++) {
    const from = Math.max(1, i - max)
    const to = Math.min(other.length, i + max)
    let least = from === 1 ? Math.min(i, tooFar) : tooFar
    row[from - 1] = least
    for (let j = from; j <= to; j++) {
      const replaced = (above[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      const distance = Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, tooFar)
      row[j] = distance
      least = Math.min(least, distance)
    }
    if (least === tooFar) return tooFar
    if (to < other.length) row[to + 1] = tooFar
    ;[above, row] = [row, above]
  }
  return above[other.length] ?? tooFar
}

/**
 * Returns the end of a text about an unknown name: the name that was probably meant, or the first of the known names.
 */
export function nameHint(name: string, known: readonly string[]): string {
  const near = nearestName(name, known)
  if (near !== undefined) return `: did you mean ${near}?`
  return `: there is ${listOfNames(known)}`
}

/** Returns a list of names for a text, no longer than people read. */
export function listOfNames(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  const listed = names.slice(0, listedMax).map((name) => name.slice(0, hintLimits.nameLengthMax))
  const more = names.length - listed.length
  return `${listed.join(', ')}${more === 0 ? '' : ` and ${more} more`}`
}

/**
 * Returns what is wrong with an object of options or limits: that it is not an object (a Map or a Promise is none
 * either), or its first unknown name, with the name that was probably meant or a list of the known ones. Undefined if
 * it is right.
 *
 * @param what the word for the object in the text: `options`, `limits`
 * @throws Unreadable if a getter throws: see `checking`
 */
export function unknownName(what: string, given: unknown, known: readonly string[]): string | undefined {
  const wrong = reading(what, () => wrongRecord(given, known))
  if (wrong !== undefined) return `${what} is ${wrong}`
  const name = reading(what, () => Object.keys(given as object)).find((key) => !known.includes(key))
  if (name === undefined) return undefined
  const usual = usualName(name, known)
  const hint = usual === undefined ? nameHint(name, known) : `: did you mean ${usual}?`
  return `${what} has no ${JSON.stringify(name.slice(0, hintLimits.nameLengthMax))}${hint}`
}
