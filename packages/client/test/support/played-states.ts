import { type ClientOptions, createClient } from '@frameport/client'
import { type Contract, contract, event, procedure } from '@frameport/protocol'
import { describeProcedure } from '@frameport/protocol/contract'
import type { Body } from '@frameport/protocol/envelope'
import type { IncomingCall, SessionLimits } from '@frameport/protocol/session'
import { z } from 'zod'
import { playedSession } from './played-session.ts'

/** One state of the contract of these tests. */
export const stateOf = <Output extends z.ZodType>(output: Output, more = {}, name = 'tiny', version = 1) =>
  contract(name, {
    version,
    procedures: { get: procedure({ output }), same: procedure({}), news: procedure({}), ...more },
    events: { news: event(output) },
  })
/** The state of the client. */
export const own = stateOf(z.object({ a: z.number() }))
/** A different state. */
export const other = stateOf(z.object({ a: z.string() }))

export interface Played {
  /** What the server announces. Default: `other`. */
  readonly announces?: readonly Contract[]
  /** Answers a request for the description. Default: does not answer. */
  readonly describe?: (call: IncomingCall) => void
  /** Answers each other call. Default: with nothing for `same`, with `{ a: 'x' }` for the others. */
  readonly answer?: (call: IncomingCall) => void
  readonly limits?: Partial<SessionLimits>
}

function answerWithText(call: IncomingCall): void {
  if (call.procedure.endsWith('same')) call.respond({ kind: 'none' })
  else call.respond({ kind: 'value', value: { a: 'x' } })
}

/** A client of `own`, and a session that plays its server. */
export function played(
  { announces = [other], describe, answer = answerWithText, limits }: Played,
  options: ClientOptions = {},
) {
  const calls: string[] = []
  const { clock, connection, session, run } = playedSession(
    announces.map(({ announcement }) => announcement),
    {
      ...(limits === undefined ? {} : { limits }),
      handlers: {
        call: (call) => {
          calls.push(call.procedure)
          if (call.procedure === describeProcedure) {
            call.signal.addEventListener('abort', () => void calls.push('aborted'))
            describe?.(call)
          } else answer(call)
        },
      },
    },
  )
  const client = createClient(own, connection, {
    environment: clock,
    onContractDifferences: () => undefined,
    ...options,
  })
  return { clock, client, calls, session, run }
}

/** Makes a server that answers a request for its description with `value`. */
export const answering = (value: unknown) => (call: IncomingCall) =>
  call.respond({ kind: 'value', value } as Body)
