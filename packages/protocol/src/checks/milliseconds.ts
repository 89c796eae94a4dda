/** The longest delay of timers on common platforms: 24.8 days. Longer delays fire at once there. */
export const timerMsMax = 2 ** 31 - 1

/** Returns whether a value is a number of milliseconds: 0 or more, or Infinity. */
export function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}
