import type { AnswerOwner } from '../common/call-types.ts'

/** Of answers of this side's own: the reason goes out as it is. */
export const noOwner: AnswerOwner = { unsendable: (error) => error }

/** A function of the module: a closure would cost every answer its context. */
export function tellGiven(owner: AnswerOwner): void {
  owner.given?.()
}
