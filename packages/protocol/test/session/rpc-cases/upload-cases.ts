import { expect } from 'vitest'
import type { Credit } from '../../../src/envelope/index.ts'
import { RpcError } from '../../../src/index.ts'
import type { OutgoingCallOptions, SessionLimits } from '../../../src/session/index.ts'
import { credit } from '../../support/raw-peer.ts'
import { connected, startCall, value } from '../../support/sessions.ts'
import { expectPattern, pattern, unanswered } from './case.ts'

/** Asks for one item of the callee, so that items go both ways. */
export const bothWays = { initialCredit: credit(1) }

/** The caller sends items of these sizes, and the end. The callee answers with their sum, or with an item for each. */
export async function uploadsItems(
  sizes: readonly number[],
  {
    answers,
    limits = {},
    options = {},
  }: {
    readonly answers: 'sum' | 'each' | 'each at the end'
    readonly limits?: Partial<SessionLimits>
    readonly options?: Partial<OutgoingCallOptions>
  },
): Promise<void> {
  const { time, client, server } = await connected({ server: { limits } })
  let sum = 0
  let items = 0
  server.recorder.onCall = (call) => {
    const given: number[] = []
    let before = Promise.resolve()
    /** Sends the items one after the other, each when there is credit. */
    const giveBack = () => {
      before = before.then(async () => {
        for (const size of given.splice(0)) {
          await call.ready()
          call.sendItem(value(size))
        }
      })
      return before
    }
    call.upload?.receive({
      item: (body, bytes) => {
        expectPattern(body, sizes[items] ?? -1)
        items += 1
        sum += bytes
        given.push(bytes)
        call.upload?.taken()
        call.upload?.grant({ items: 1, bytes })
        if (answers === 'each') void giveBack()
      },
      end: () => {
        if (answers === 'sum') call.respond(value(sum))
        else void giveBack().then(() => call.end())
      },
    })
  }
  const asked = answers === 'sum' ? {} : { initialCredit: credit(1) }
  const outcome = startCall(client.session, 'a/b', { upload: true, ...asked, ...options })
  outcome.onItem = () => outcome.call.grant(credit(1))
  const sent = (async () => {
    for (const size of sizes) {
      if (!(await outcome.call.upload?.ready())) throw new Error('the upload was stopped')
      outcome.call.upload?.send(pattern(size))
    }
    outcome.call.upload?.end()
  })()
  await time.advance(100)
  await sent
  await time.settle()
  expect([outcome.code, items]).toEqual(['OK', sizes.length])
  if (answers === 'sum') expect(outcome.value).toBe(sizes.reduce((all, size) => all + size, 0))
  else expect(outcome.items).toEqual(sizes.map((size) => value(size)))
}

/** The caller sends items of these sizes, and the callee does not accept the last one. */
export async function refusedItem(sizes: readonly number[]): Promise<void> {
  const { time, client, server } = await connected({ server: { limits: { bodyBytesMax: 200_000 } } })
  let items = 0
  server.recorder.onCall = (call) =>
    call.upload?.receive({
      item: (_, bytes) => {
        items += 1
        call.upload?.grant({ items: 1, bytes })
      },
      end: () => undefined,
    })
  const outcome = startCall(client.session, 'a/b', { upload: true })
  const send = async () => {
    for (const size of sizes) {
      await outcome.call.upload?.ready()
      outcome.call.upload?.send(pattern(size))
    }
  }
  const failed = send().catch((error: RpcError) => outcome.call.cancel(error))
  await time.advance(100)
  await failed
  expect([outcome.code, items, client.session.state]).toEqual([
    'RESOURCE_EXHAUSTED',
    sizes.length - 1,
    'open',
  ])
  expect(RpcError.is(outcome.error)).toBe(true)
}

/** The caller cancels a call with an upload, which the server does not answer. */
export function cancelledUpload(
  ends: boolean,
  options: { readonly initialCredit?: Credit } = {},
): Promise<void> {
  return unanswered(
    { ...options, upload: true },
    async (outcome, { time }) => {
      outcome.call.upload?.send(pattern(9))
      if (ends) outcome.call.upload?.end()
      await time.advance(5)
      outcome.call.cancel()
    },
    'CANCELLED',
  )
}
