import type { AnswerOwner } from '../common/call-types.ts'

/** The owner of answers of this side: the reason is sent unchanged. */
export const noOwner: AnswerOwner = { unsendable: (error) => error }

/** A function of the module, because a closure would create a context for every answer. */
export function tellGiven(owner: AnswerOwner): void {
  owner.given?.()
}
