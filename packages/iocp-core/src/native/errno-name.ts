import { constants } from 'node:os'

const names = new Map<number, string>()
for (const [name, number] of Object.entries(constants.errno)) {
  // Some systems have two names for one number (EAGAIN, EWOULDBLOCK): the first is the usual one.
  if (!names.has(number)) names.set(number, name)
}

/** The name of a system error by its number: 104 is `ECONNRESET` on Linux. */
export function errnoName(status: number): string {
  return names.get(status) ?? `E${status}`
}
