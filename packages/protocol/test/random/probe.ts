import { rawBody } from './bodies.ts'
import { otherRole, type Role } from './model/trace.ts'
import { Violation } from './model/world.ts'
import type { Run } from './run.ts'
import type { Made, Side } from './side.ts'

const rule = 'every budget is given back'

type Pass = (ms: number) => Promise<void>

/**
 * Uses up all announced limits while nothing else happens: all slots, all one-way calls, the longest body in both
 * directions, and an upload longer than its initial window. Whatever an earlier call failed to release is missing here.
 */
export async function probe(run: Run, sides: Readonly<Record<Role, Side>>, pass: Pass): Promise<void> {
  for (const role of ['client', 'server'] as const) {
    const caller = sides[role]
    const callee = sides[otherRole(role)]
    const { callsInFlightMax, bodyBytesMax } = run.plan.limits[callee.role]
    const handlersBefore = callee.handlers.length
    // One after the other: more calls at once could overflow the queue of calls.
    for (let call = 1; call <= callsInFlightMax; call++) {
      caller.makeCall({ kind: 'unary', input: rawBody(run.next(), 4) })
      await waitFor(pass, () => callee.handlers.length === handlersBefore + call)
    }
    await waitFor(pass, () => callee.handlers.length === handlersBefore + callsInFlightMax)
    check(
      callee.handlers.length === handlersBefore + callsInFlightMax,
      `not all ${callsInFlightMax} slots are free`,
    )
    for (const handler of callee.handlers.slice(handlersBefore)) handler.respond(rawBody(run.next(), 4))
    await waitFor(pass, () => caller.unsettled.length === 0)

    const made = caller.makeCall({ kind: 'unary', input: rawBody(run.next(), bodyBytesMax) })
    await waitFor(pass, () => callee.handlers.length > handlersBefore + callsInFlightMax)
    const answer = rawBody(run.next(), run.plan.limits[role].bodyBytesMax)
    callee.handlers.at(-1)?.respond(answer)
    await waitFor(pass, () => made.isSettled)
    check(isGiven(made), `a body of ${bodyBytesMax} bytes, or its answer, was not taken`)
    await probeOneways(run, { caller, callee }, pass)
    await probeUpload(run, { caller, callee }, pass)
  }
}

interface Ends {
  readonly caller: Side
  readonly callee: Side
}

/** Runs as many one-way calls at once as are allowed. */
async function probeOneways(run: Run, { caller, callee }: Ends, pass: Pass): Promise<void> {
  const { onewaysInFlightMax } = run.plan.limits[callee.role]
  const handlersBefore = callee.handlers.length
  for (let call = 1; call <= onewaysInFlightMax; call++) {
    caller.makeCall({ kind: 'one-way', input: rawBody(run.next(), 4) })
    await waitFor(pass, () => callee.handlers.length === handlersBefore + call)
  }
  const handlers = callee.handlers.slice(handlersBefore)
  check(handlers.length === onewaysInFlightMax, `not all of ${onewaysInFlightMax} one-way calls run`)
  for (const handler of handlers) handler.end()
}

/** Sends more items than the initial window of an upload, including the longest possible item, and the end. */
async function probeUpload(run: Run, { caller, callee }: Ends, pass: Pass): Promise<void> {
  const { uploadItems, bodyBytesMax } = run.plan.limits[callee.role]
  const handlersBefore = callee.handlers.length
  const { uploader } = caller.makeCall({ kind: 'client-stream', input: rawBody(run.next(), 4) })
  const lengths = [bodyBytesMax, ...Array.from({ length: uploadItems + 1 }, () => 4)]
  void uploader?.giveAll(
    lengths.map((bytes) => rawBody(run.next(), bytes)),
    true,
  )
  await waitFor(pass, () => callee.handlers.length > handlersBefore)
  const handler = callee.handlers.at(-1)
  await waitFor(pass, () => {
    handler?.reader?.goOn()
    return handler?.reader?.hasEnded === true
  })
  check(handler?.reader?.itemsCome === lengths.length, 'not all items of an upload came')
  handler?.respond(rawBody(run.next(), 4))
  await waitFor(pass, () => caller.unsettled.length === 0)
}

function isGiven({ isSettled, body }: Made): boolean {
  return isSettled && body !== undefined
}

function check(holds: boolean, detail: string): void {
  if (!holds) throw new Violation(rule, detail)
}

async function waitFor(pass: Pass, isSo: () => boolean): Promise<void> {
  for (let round = 0; round < 100 && !isSo(); round++) await pass(round < 20 ? 20 : 200)
}
