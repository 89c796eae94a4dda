import type { CompletionPort } from '@frameport/iocp-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { portOf } from './support/backends.ts'
import { answerKinds } from './support/kinds-over-session.ts'
import { kindsServer } from './support/kinds-server.ts'
import { KindsState } from './support/kinds-state.ts'
import { type OurSession, ourSession } from './support/our-session.ts'
import { type PythonProcess, startPython } from './support/python.ts'
import { SessionCall, type SessionCallOptions } from './support/session-call.ts'

/**
 * The reaction that the peer sees: the code of the GOAWAY, or the received messages on a connection that stays open.
 */
type Expected = string | { readonly came: readonly string[]; readonly codes?: readonly string[] }

const violation = 'PROTOCOL_VIOLATION'
const malformed = 'MALFORMED_ENVELOPE'

/** The cases of `Caller` in `python/hostile_kinds.py`. */
const ofCallers: Readonly<Record<string, Expected>> = {
  items_of_the_credit: { came: [] },
  item_without_credit: violation,
  bytes_without_credit: violation,
  item_after_the_end: violation,
  second_end: violation,
  item_out_of_sequence: violation,
  item_of_a_unary_call: violation,
  item_of_a_stream: violation,
  end_of_a_unary_call: violation,
  end_inside_of_an_item: violation,
  item_inside_of_the_input: violation,
  piece_without_an_item: violation,
  piece_of_another_encoding: violation,
  stop_of_the_caller: violation,
  credit_for_its_own_upload: violation,
  used_id: violation,
  item_of_a_oneway: violation,
  oneway_in_pieces: malformed,
  oneway_with_credit: malformed,
  oneway_with_upload: malformed,
  oneways_that_cannot_run: { came: [] },
  items_that_cross_a_stop: { came: ['stop', 'result', 'result'] },
  items_that_cross_an_answer: { came: ['result'] },
  items_that_cross_a_cancel: { came: ['failure'], codes: ['MY_REASON'] },
  upload_for_nobody: { came: ['failure'], codes: ['UNIMPLEMENTED'] },
  upload_to_a_unary_procedure: { came: ['failure'], codes: ['UNIMPLEMENTED'] },
  metadata_of_the_end_over_the_limit: { came: ['failure'], codes: ['RESOURCE_EXHAUSTED'] },
  upload_that_is_given_up_in_the_call: { came: ['failure'], codes: ['DEADLINE_EXCEEDED'] },
}

/** How our call settled: its result, or the code of its failure. */
type Settled = { readonly result: unknown } | { readonly code: string }

interface CalleeCase {
  readonly call: SessionCallOptions
  readonly expected: Expected
  readonly settled: Settled
  /** How often our caller receives a stop. Default: not checked. */
  readonly stops?: number
}

/** An upload that sends nothing and does not end. */
async function* silence(): AsyncGenerator<number> {
  await new Promise(() => undefined)
}

const credit = { items: 2, bytes: 1000 }
const upload = () => ({ upload: silence() })
const stream = () => ({ credit })
const both = () => ({ upload: silence(), credit })
const lost: Settled = { code: 'UNAVAILABLE' }
const violates = (call: SessionCallOptions): CalleeCase => ({ call, expected: violation, settled: lost })

/** The cases of `Callee`, with the call for which each waits. */
const ofCallees: Readonly<Record<string, () => CalleeCase>> = {
  item_of_an_upload: () => violates(upload()),
  end_of_an_upload: () => violates(upload()),
  stop_of_a_call_that_was_never_made: () => violates(upload()),
  stop_of_its_own_call: () => violates(upload()),
  cancel_of_the_callee: () => violates(upload()),
  behind_the_end_of_an_upload: () => ({
    call: { upload: [] },
    expected: { came: ['end'] },
    settled: { result: 1 },
    stops: 1,
  }),
  two_stops: () => ({ call: upload(), expected: { came: [] }, settled: { result: 1 }, stops: 1 }),
  behind_the_answer: () => ({ call: upload(), expected: { came: [] }, settled: { result: 1 } }),
  credit_beyond_the_counters: () => ({ call: upload(), expected: { came: [] }, settled: { result: 1 } }),
  failure_inside_of_a_result: () => ({
    call: upload(),
    expected: { came: [] },
    settled: { code: 'QUOTA' },
  }),
  stop_inside_of_a_result: () => ({ call: upload(), expected: { came: [] }, settled: { result: 12 } }),
  stop_of_a_unary_call: () => violates({}),
  credit_for_a_unary_call: () => violates({}),
  item_without_credit: () => violates(stream()),
  result_instead_of_items: () => violates(stream()),
  credit_for_a_stream: () => violates(stream()),
  end_inside_of_an_item: () => violates(stream()),
  started_behind_an_item: () => violates(stream()),
  item_that_is_no_json: () => ({
    call: stream(),
    expected: { came: ['cancel'] },
    settled: { code: 'INTERNAL' },
  }),
  behind_its_own_end: () => ({ call: stream(), expected: { came: [] }, settled: { result: undefined } }),
  end_before_that_of_the_upload: () => ({
    call: both(),
    expected: { came: [] },
    settled: { result: undefined },
  }),
  numbers_of_the_other_direction: () => violates(both()),
}

describe('A peer in Python that breaks the rules of calls', () => {
  let python: PythonProcess
  let pythonPort: unknown
  let port: CompletionPort
  const closing: (() => Promise<void>)[] = []

  // The reaction of a session does not depend on the back end.
  beforeAll(async () => {
    port = portOf('net')
    python = startPython('hostile_kinds.py')
    pythonPort = (await python.next()).port
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  afterAll(async () => {
    await python.finish()
    await port.close()
  })

  async function dialPython(answer = answerKinds(new KindsState())): Promise<OurSession> {
    const ours = ourSession('client', await port.connect(`tcp://127.0.0.1:${pythonPort}`), { answer })
    closing.push(() => ours.session.close({ graceMs: 0 }))
    return ours
  }

  async function expectSeen(expected: Expected): Promise<void> {
    const seen = await python.next()
    if (typeof expected === 'string') expect(seen).toMatchObject({ goaway: expected })
    else expect(seen).toEqual({ goaway: null, codes: [], ...expected })
  }

  describe('as a client that calls our server', () => {
    for (const [name, expected] of Object.entries(ofCallers)) {
      it(`gets ${textOf(expected)} for ${name.replaceAll('_', ' ')}`, async () => {
        const { server } = kindsServer(port)
        closing.push(() => server.close({ graceMs: 0 }))
        const listener = await server.listen('tcp://127.0.0.1:0')
        python.tell(`dial ${new URL(listener.url).port} caller.${name}`)
        await expectSeen(expected)
      })
    }
  })

  describe('as a server that calls our client', () => {
    for (const [name, expected] of Object.entries(ofCallers)) {
      it(`gets ${textOf(expected)} for ${name.replaceAll('_', ' ')}`, async () => {
        python.tell(`serve caller.${name}`)
        await dialPython()
        await expectSeen(expected)
      })
    }
  })

  async function expectCalled(
    ours: OurSession,
    { call, expected, settled, stops }: CalleeCase,
  ): Promise<void> {
    await ours.opened
    const made = new SessionCall(ours.session, 'kinds@1/any', call)
    await expectSeen(expected)
    if ('code' in settled) await expect(made.result).rejects.toMatchObject(settled)
    else expect(await made.result).toEqual(settled.result)
    if (stops !== undefined) expect(made.stops).toBe(stops)
  }

  describe('as a server that our client calls', () => {
    for (const [name, made] of Object.entries(ofCallees)) {
      it(`gets ${textOf(made().expected)} for ${name.replaceAll('_', ' ')}`, async () => {
        python.tell(`serve callee.${name}`)
        await expectCalled(await dialPython(), made())
      })
    }
  })

  describe('as a client that our server calls', () => {
    for (const [name, made] of Object.entries(ofCallees)) {
      it(`gets ${textOf(made().expected)} for ${name.replaceAll('_', ' ')}`, async () => {
        const answer = answerKinds(new KindsState())
        let taken: (ours: OurSession) => void = () => undefined
        const accepted = new Promise<OurSession>((resolve) => {
          taken = resolve
        })
        const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
          taken(ourSession('server', connection, { answer }))
        })
        closing.push(() => listener.close())
        python.tell(`dial ${new URL(listener.url).port} callee.${name}`)
        const ours = await accepted
        closing.push(() => ours.session.close({ graceMs: 0 }))
        await expectCalled(ours, made())
      })
    }
  })
})

function textOf(expected: Expected): string {
  if (typeof expected === 'string') return expected
  const [code] = expected.codes ?? []
  if (code !== undefined) return `a failure ${code}`
  return expected.came.length === 0 ? 'nothing' : `${expected.came.join(', ')} and goes on`
}
