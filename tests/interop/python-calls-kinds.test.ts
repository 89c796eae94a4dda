import type { CompletionPort } from '@frameport/iocp-core'
import type { SessionCloseReason } from '@frameport/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { backends, portOf } from './support/backends.ts'
import { answerKinds } from './support/kinds-over-session.ts'
import { kindsServer } from './support/kinds-server.ts'
import { KindsState } from './support/kinds-state.ts'
import { ourSession } from './support/our-session.ts'
import { type PythonProcess, startPython } from './support/python.ts'

interface Given {
  /** The initial credit of an upload that our side announces. */
  readonly limits: { readonly uploadItems?: number; readonly uploadBytes?: number }
}

interface Ours {
  readonly python: PythonProcess
  readonly state: KindsState
  /** Settles with the reason after our session has ended. */
  closed(): Promise<SessionCloseReason | undefined>
  close(): Promise<void>
}

/** The client in Python calls our server, with its public API. */
async function ofClient(port: CompletionPort, given: Given): Promise<Ours> {
  const { server, state, ended } = kindsServer(port, given)
  const listener = await server.listen('tcp://127.0.0.1:0')
  const python = startPython('kinds_peer.py', 'client', new URL(listener.url).port)
  expect(await python.next()).toEqual({ connected: true })
  return {
    python,
    state,
    closed: () => until(() => ended[0]),
    close: () => server.close({ graceMs: 0 }),
  }
}

/** The server in Python calls our client, whose session answers. */
async function ofServer(port: CompletionPort, { limits }: Given): Promise<Ours> {
  const python = startPython('kinds_peer.py', 'server')
  const { port: number } = await python.next()
  const connection = await port.connect(`tcp://127.0.0.1:${number}`)
  const state = new KindsState()
  const { session, opened, closed } = ourSession('client', connection, { answer: answerKinds(state), limits })
  await opened
  return { python, state, closed: () => closed, close: () => session.close({ graceMs: 0 }) }
}

const directions = [
  { caller: 'the client in Python', callee: 'our server', start: ofClient },
  { caller: 'the server in Python', callee: 'our client', start: ofServer },
]

for (const { backend, absent } of backends) {
  for (const { caller, callee, start } of directions) {
    const title = `${caller} calls ${callee} on ${backend}`
    describe.skipIf(absent !== undefined)(
      absent === undefined ? title : `${title} (skipped: ${absent})`,
      () => {
        const closing: (() => Promise<void> | void)[] = []
        afterEach(async () => {
          for (const close of closing.splice(0).reverse()) await close()
        })

        let ours: Ours

        /** Runs the case with this name. @returns what it reported */
        async function run(
          name: string,
          limits: Given['limits'] = {},
        ): Promise<readonly Readonly<Record<string, unknown>>[]> {
          const port = portOf(backend)
          closing.push(() => port.close())
          ours = await start(port, { limits })
          const { python, close } = ours
          closing.push(() => python.kill(), close)
          python.tell(`case ${name}`)
          const told: Readonly<Record<string, unknown>>[] = []
          for (let line = await python.next(); !('done' in line); line = await python.next()) told.push(line)
          return told
        }

        it('and receives the answer of a long unary call, and a declared error', async () => {
          expect(await run('unary')).toMatchObject([
            { same: true, failure: { code: 'NAME_TAKEN', data: { suggestion: 'guest2' } } },
          ])
        })

        it('and receives an answer to a call that it has cancelled, or whose deadline has passed', async () => {
          expect(await run('given_up')).toMatchObject([
            {
              failure: { code: 'DEADLINE_EXCEEDED', maybeExecuted: true },
              givenUp: ['MY_REASON', 'DEADLINE_EXCEEDED'],
              alive: true,
            },
          ])
        })

        it('and receives all items of a stream', async () => {
          expect(await run('items')).toEqual([{ same: true }])
        })

        it('and uploads a thousand items, for which it receives credit', async () => {
          expect(await run('typed_items')).toEqual([{ total: 499_500, credits: true, alive: true }])
        })

        it('and uploads no items', async () => {
          expect(await run('nothing')).toEqual([{ total: 0 }])
        })

        it('and uploads raw bytes after a typed head, in items longer than its credit', async () => {
          expect(await run('raw_items')).toMatchObject([
            { stored: { name: 'a.bin', bytes: 274_801 }, same: true },
          ])
        })

        it('and receives a stop and an answer for an endless upload', async () => {
          expect(await run('stopped')).toEqual([{ taken: 21, stops: 1, bounded: true }, { alive: true }])
        })

        it('and receives a result or a failure before the end of an upload', async () => {
          expect(await run('answered_early')).toMatchObject([
            { answer: 'enough' },
            { failure: { code: 'QUOTA', text: 'enough of it', data: 7 }, alive: true },
          ])
        })

        it('and sends no more items ahead of the callee than its settings allow', async () => {
          expect(await run('credit')).toEqual([{ ahead: 16, announced: 16, taken: 100 }])
        })

        it('and uploads nothing before our side grants credit, if the initial credit has no items', async () => {
          const [{ total }] = (await run('typed_items', { uploadItems: 0 })) as [{ total: number }]
          expect(total).toBe(499_500)
        })

        it('and cancels with ABORTED if its source fails', async () => {
          expect(await run('source_fails')).toEqual([
            { raised: 'the disk', answered: true },
            { givenUp: ['ABORTED'], alive: true },
          ])
        })

        it('and cancels an upload, which is answered like any call', async () => {
          expect(await run('cancelled')).toEqual([
            { answered: true, failures: [['CANCELLED', true]], givenUp: ['CANCELLED'], alive: true },
          ])
        })

        it('and receives a stop and an answer when the deadline of an upload has passed', async () => {
          expect(await run('late')).toMatchObject([
            { failure: { code: 'DEADLINE_EXCEEDED', maybeExecuted: true }, stops: 1 },
            { givenUp: ['DEADLINE_EXCEEDED'], alive: true },
          ])
        })

        it('and an upload with an item that cannot be accepted is stopped, and fails as maybe executed', async () => {
          const [schema, json, long, alive] = await run('wrong_items')
          // The handler itself finds the item that does not match the contract.
          expect(schema).toMatchObject({ failure: { code: 'INVALID_ARGUMENT', maybeExecuted: true } })
          expect(json).toMatchObject({ failure: { code: 'INVALID_ARGUMENT', maybeExecuted: true }, stops: 1 })
          expect(long).toMatchObject({
            failure: { code: 'RESOURCE_EXHAUSTED', maybeExecuted: true },
            stops: 1,
          })
          expect(alive).toEqual({ alive: true })
        })

        it('and an upload whose end has too much metadata fails', async () => {
          expect(await run('long_metadata')).toMatchObject([
            { failure: { code: 'RESOURCE_EXHAUSTED', maybeExecuted: true }, alive: true },
          ])
        })

        it('and receives UNIMPLEMENTED for the wrong kind of call', async () => {
          const told = await run('wrong_kinds')
          expect(told.slice(0, 5)).toMatchObject(
            Array.from({ length: 5 }, () => ({ failure: { code: 'UNIMPLEMENTED', maybeExecuted: false } })),
          )
          expect(told.slice(5)).toEqual([{ alive: true }])
        })

        it('and streams in both directions at the same time, with little credit', async () => {
          expect(await run('both_ways')).toEqual([{ same: true }])
        })

        it('and receives items before it sends, and after the end of its items', async () => {
          expect(await run('callee_first')).toEqual([{ first: 0, others: [3, 2, 1], alive: true }])
        })

        it('and makes one-way calls, and those that cannot run are dropped silently', async () => {
          expect(await run('oneway')).toEqual([
            { saw: ['one', 'three', 'two'], came: ['result'], alive: true },
          ])
        })

        it('and closes in order while the handler of a one-way call runs, which is aborted', async () => {
          expect(await run('oneway_at_the_end')).toEqual([{ ended: 'CLOSED' }])
          expect(await ours.closed()).toMatchObject({ code: 'CLOSED' })
          expect(ours.state.givenUp).toEqual(['UNAVAILABLE'])
        })
      },
    )
  }
}
