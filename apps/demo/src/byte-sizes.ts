const units = ['kB', 'MB', 'GB', 'TB'] as const

/** `812 B`, `1.2 MB`, `640 kB`: in thousands, as file managers and disks say it. */
export function byteSize(bytes: number): string {
  let value = bytes
  let unit: string = 'B'
  for (const next of units) {
    // What would be rounded up to 1,000 belongs to the next unit.
    if (value < 999.5) break
    value /= 1_000
    unit = next
  }
  const digits = unit === 'B' || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${unit}`
}
