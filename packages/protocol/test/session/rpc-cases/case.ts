import { expect } from 'vitest'
import type { Body, Credit } from '../../../src/envelope/index.ts'
import type { RpcError } from '../../../src/index.ts'
import type { IncomingCall, SessionLimits } from '../../../src/session/index.ts'
import { credit } from '../../support/raw-peer.ts'
import { type Connected, connected, type Outcome, raw, startCall, value } from '../../support/sessions.ts'

/** A scenario that is not repeated here, with the reason, and the tests of this folder that cover it. */
export interface ShownElsewhere {
  readonly skip: string
  /** The file, the name of its `describe`, the name of the test, and the name of its row if the test has several. */
  readonly shownBy: readonly (readonly [file: string, suite: string, title: string, row?: string])[]
}

/** A scenario, or the reason why this session cannot express it. */
export type Case = (() => Promise<void>) | ShownElsewhere

export const compression: Case = {
  skip: 'there is no compression: it belongs to the stream below',
  shownBy: [],
}

/** Bytes in which a loss, a repetition or a wrong order is visible. */
export function pattern(length: number): Body {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31) >> 3
  return raw(bytes)
}

/** Compares like toEqual, which takes seconds for bodies of this size. */
export function expectPattern(body: Body | undefined, length: number): void {
  const expected = pattern(length)
  const equal =
    body?.kind === 'raw' && expected.kind === 'raw' && Buffer.compare(body.bytes, expected.bytes) === 0
  expect(equal, `a body of ${length} bytes came whole`).toBe(true)
}

async function unary(input: number, output: number, limits: Partial<SessionLimits> = {}): Promise<Outcome> {
  const { time, client, server } = await connected({ server: { limits }, client: { limits } })
  server.recorder.onCall = (call) => {
    expectPattern(call.input, input)
    call.respond(pattern(output))
  }
  const outcome = startCall(client.session, 'a/b', { input: pattern(input) })
  await time.settle()
  expect(client.session.state).toBe('open')
  return outcome
}

export async function succeeds(
  input: number,
  output: number,
  limits?: Partial<SessionLimits>,
): Promise<void> {
  expectPattern((await unary(input, output, limits)).body, output)
}

export async function sendAll(call: IncomingCall, sizes: readonly number[]): Promise<void> {
  for (const size of sizes) {
    await call.ready()
    call.sendItem(pattern(size))
  }
  call.end()
}

export async function streamsItems(sizes: readonly number[]): Promise<void> {
  const { time, client, server } = await connected()
  server.recorder.onCall = (call) => void sendAll(call, sizes)
  const outcome = startCall(client.session, 'a/b', { initialCredit: credit(2) })
  outcome.onItem = () => outcome.call.grant(credit(1))
  await time.settle()
  expect(outcome.items).toHaveLength(sizes.length)
  for (const [index, item] of outcome.items.entries()) expectPattern(item, sizes[index] ?? -1)
  expect(outcome.code).toBe('OK')
}

/** A call that is cancelled or times out before the server answers it. */
export async function unanswered(
  options: { readonly initialCredit?: Credit; readonly deadlineMs?: number; readonly upload?: boolean },
  act: (outcome: Outcome, both: Connected) => Promise<void>,
  code: string,
): Promise<void> {
  const both = await connected()
  const outcome = startCall(both.client.session, 'a/b', options)
  await act(outcome, both)
  await both.time.settle()
  expect(outcome.settlements).toMatchObject([{ error: { code } }])
  expect(both.server.recorder.calls[0]?.signal.reason).toMatchObject({ code })
  both.server.recorder.calls[0]?.respond(value('late'))
  await both.time.advance(5_000)
  expect([outcome.settlements.length, both.client.session.state]).toEqual([1, 'open'])
}

export const cancelled = (options: { readonly initialCredit?: Credit } = {}, afterMs = 5) =>
  unanswered(
    options,
    async (outcome, { time }) => {
      await time.advance(afterMs)
      outcome.call.cancel()
    },
    'CANCELLED',
  )

export async function fails(fail: RpcError, shown: string): Promise<void> {
  const { time, client, server } = await connected()
  server.recorder.onCall = (call) => call.fail(fail)
  const outcome = startCall(client.session)
  await time.settle()
  expect(outcome.error).toMatchObject({ code: shown, message: fail.message })
}
