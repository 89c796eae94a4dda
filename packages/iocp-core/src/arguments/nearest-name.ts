/** Limits of the hint for an unknown name. They bound the work that a stranger's input can cause. */
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

/**
 * Returns the name that was probably meant, or undefined. Case is ignored. The names may differ in at most half the
 * letters of the shorter one. The work is bounded for any `name`.
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

/** Removes the common prefix and suffix, which do not affect the distance. */
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
