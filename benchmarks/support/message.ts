import { z } from 'zod'

/** What travels each way in every work: four fields, 64 bytes of JSON. */
export const Reading = z.object({
  id: z.number().int(),
  room: z.string(),
  degrees: z.number(),
  note: z.string(),
})
export type Reading = z.infer<typeof Reading>

/** The ids have seven digits, so that every message is equally long. */
const firstId = 1_000_000
const ids = 1_000_000

export function reading(number: number): Reading {
  return { id: firstId + (number % ids), room: 'kitchen', degrees: 21.5, note: 'a window' }
}

/** Bytes of a Reading as JSON without a note. */
const fixedBytes = 56

/** As {@link reading}, as long as this in JSON: its note is longer. From 64 bytes on. */
export function readingOf(number: number, messageBytes = 64): Reading {
  return { id: firstId + (number % ids), room: 'kitchen', degrees: 21.5, note: noteOf(messageBytes) }
}

const notes = new Map<number, string>()

function noteOf(messageBytes: number): string {
  const known = notes.get(messageBytes)
  if (known !== undefined) return known
  const note = 'a window'.padEnd(messageBytes - fixedBytes, ' on the garden')
  notes.set(messageBytes, note)
  return note
}

/** @throws Error for an answer that belongs to another call: what is fast and wrong has no figure. */
export function checkAnswer(answer: Reading, id: number): void {
  if (answer.id !== id) throw new Error(`The answer to ${id} is ${answer.id}.`)
}
