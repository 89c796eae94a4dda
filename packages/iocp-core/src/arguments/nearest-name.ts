/** Changes of a letter between a name and what was meant by it; more, and it is another name. */
const distanceMax = 3
/** A name longer than this is no typing error of a real one. */
const nameLengthMax = 64

/** The name that was probably meant, or undefined. Letters in another case count as the same. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (name.length > nameLengthMax) return undefined
  let nearest: string | undefined
  let least = distanceMax + 1
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance >= least) continue
    nearest = candidate
    least = distance
  }
  return nearest
}

/** Insertions, deletions and replacements from one to the other (Wagner and Fischer, one row at a time). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1]
    for (let j = 0; j < other.length; j++) {
      const replaced = row[j]! + (letter === other[j] ? 0 : 1)
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1))
    }
    row = next
  }
  return row[other.length]!
}
