/** Several figures of one kind: the median, and the middle half. */
export interface Quartiles {
  readonly lower: number
  readonly median: number
  readonly upper: number
}

/**
 * The value below which this share of the figures lies, between two of them in proportion (the method that R calls
 * type 7).
 */
function quantile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

export function median(figures: readonly number[]): number {
  return quantile(figures, 0.5)
}

export function quartiles(figures: readonly number[]): Quartiles {
  return { lower: quantile(figures, 0.25), median: median(figures), upper: quantile(figures, 0.75) }
}

/** Each item once per round. Each round begins with another one, so that none has a fixed place. */
export function rotated<T>(members: readonly T[], round: number): T[] {
  const first = round % members.length
  return [...members.slice(first), ...members.slice(0, first)]
}
