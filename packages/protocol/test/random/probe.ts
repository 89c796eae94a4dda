import { rawBody } from './bodies.ts'
import { otherRole, type Role } from './model/trace.ts'
import { Violation } from './model/world.ts'
import type { Run } from './run.ts'
import type { Made, Side } from './side.ts'

const rule = 'every budget is given back'

/**
 * Uses up what every session announces, when nothing else is under way: all slots at once, and the longest body in both
 * directions. What an earlier call has kept for ever is missing now.
 */
export async function probe(
  run: Run,
  sides: Readonly<Record<Role, Side>>,
  pass: (ms: number) => Promise<void>,
): Promise<void> {
  for (const role of ['client', 'server'] as const) {
    const caller = sides[role]
    const callee = sides[otherRole(role)]
    const { callsInFlightMax, bodyBytesMax } = run.plan.limits[callee.role]
    const handlersBefore = callee.handlers.length
    // One after the other: more at once than the connection takes would have to wait, and the line has an end.
    for (let call = 1; call <= callsInFlightMax; call++) {
      caller.makeCall({ isStream: false, input: rawBody(run.next(), 4) })
      await waitFor(pass, () => callee.handlers.length === handlersBefore + call)
    }
    await waitFor(pass, () => callee.handlers.length === handlersBefore + callsInFlightMax)
    check(
      callee.handlers.length === handlersBefore + callsInFlightMax,
      `not all ${callsInFlightMax} slots are free`,
    )
    for (const handler of callee.handlers.slice(handlersBefore)) handler.respond(rawBody(run.next(), 4))
    await waitFor(pass, () => caller.unsettled.length === 0)

    const made = caller.makeCall({ isStream: false, input: rawBody(run.next(), bodyBytesMax) })
    await waitFor(pass, () => callee.handlers.length > handlersBefore + callsInFlightMax)
    const answer = rawBody(run.next(), run.plan.limits[role].bodyBytesMax)
    callee.handlers.at(-1)?.respond(answer)
    await waitFor(pass, () => made.isSettled)
    check(isGiven(made), `a body of ${bodyBytesMax} bytes, or its answer, was not taken`)
  }
}

function isGiven({ isSettled, body }: Made): boolean {
  return isSettled && body !== undefined
}

function check(holds: boolean, detail: string): void {
  if (!holds) throw new Violation(rule, detail)
}

async function waitFor(pass: (ms: number) => Promise<void>, isSo: () => boolean): Promise<void> {
  for (let round = 0; round < 100 && !isSo(); round++) await pass(round < 20 ? 20 : 200)
}
