import type { Presence } from '../chat-contract.ts'
import { limits } from '../limits.ts'

/** Where a person reads the chat. */
export type ReadAt = 'terminal' | 'page'

/** `events` is 0 when the server does not know how many. */
export function gapSentence(events: number, at: ReadAt): string {
  const what = events === 0 ? 'Some lines are' : events === 1 ? 'A line is' : `${events} lines are`
  return `${what} missing here: this ${at} did not keep up.`
}

/** For a person who wants to join while the servers of the chat cannot reach each other. */
export const apartSentence = `The server cannot reach the other servers of this chat or their shared log. The chat tries again for ${limits.notKeptRetryMs / 1_000} s.`

/** For a person who takes a file from a member on another server. */
export function apartFromSentence(from: string): string {
  return `Your server cannot reach the server of ${from}.`
}

/** Above the first line of a room. */
export function beginSentence(room: string): string {
  return `This is the beginning of ${room}.`
}

/** Precedes older lines if they cannot be shown above the newer ones. */
export function olderSentence(lines: number): string {
  return lines === 1 ? 'Here is one earlier line:' : `Here are ${lines} earlier lines:`
}

/** For a person who has scrolled up to the limit of kept rows. */
export const fullSentence = `Lines before the ${limits.scrolledRowsMax} rows below are not shown here.`

/** `alice joined lobby`. */
export function presenceSentence({ name, change }: Presence, room: string): string {
  return `${name} ${presenceWords[change](room)}`
}

const presenceWords = {
  joined: (room: string) => `joined ${room}`,
  left: (room: string) => `left ${room}`,
  quit: (room: string) => `left ${room} and the chat`,
  lost: (room: string) => `left ${room}: the connection was lost`,
  away: () => 'is away: the connection is lost',
  back: () => 'is back',
} as const
