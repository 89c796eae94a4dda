/** The longest delay that timers of common platforms take, 24.8 days; longer ones fire at once there. */
export const timerMsMax = 2 ** 31 - 1

/** Whether a value is a number of milliseconds to wait: from 0 on, where Infinity means without end. */
export function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}
