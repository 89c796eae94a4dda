import type { BackendName } from '@frameport/iocp-core'
import { outlinesOf } from '@frameport/protocol/contract'
import { defaultSessionLimits } from '@frameport/protocol/session'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed } from 'vitest'
import { interop } from './contract.ts'
import { backends, portOf } from './support/backends.ts'
import { type OurServer, ourServer } from './support/our-server.ts'
import { type PythonProcess, startPython } from './support/python.ts'

const alive = { alive: true }

for (const { backend, absent } of backends) {
  const title = `the client in Python with our server on ${backend}`
  describe.skipIf(absent !== undefined)(
    absent === undefined ? title : `${title} (skipped: ${absent})`,
    () => {
      let python: PythonProcess
      beforeAll(() => {
        python = startPython('drive.py')
      })
      const closing: (() => Promise<void>)[] = []
      afterEach(async () => {
        for (const close of closing.splice(0).reverse()) await close()
      })
      afterAll(() => python.finish())

      /** Starts our server, and the case with this name against it. */
      async function start(name: string): Promise<OurServer> {
        const port = portOf(backend)
        const ours = ourServer(port)
        const listener = await ours.server.listen('tcp://127.0.0.1:0')
        expect<BackendName>(listener.backend).toBe(backend)
        python.tell(`${new URL(listener.url).port} ${name}`)
        closing.push(async () => {
          await ours.server.close({ graceMs: 0 })
          await port.close()
        })
        onTestFailed(() => {
          // Its remaining output would be taken for that of the next case.
          python.kill()
          python = startPython('drive.py')
        })
        return ours
      }

      it('opens a connection although both sides send unknown settings and kinds', async () => {
        const { ended } = await start('handshake')
        const { strangeSettings, ...told } = await python.next()
        expect(told).toEqual({ version: 1, codec: 'json', contracts: [['interop', 1, 1]], ...alive })
        expect(strangeSettings).toHaveLength(1)
        expect(await python.next()).toHaveProperty('done')
        await expect.poll(() => ended).toMatchObject([{ code: 'CLOSED' }])
      })

      it('receives the answer of a unary call', async () => {
        await start('unary')
        expect(await python.next()).toEqual({ same: true })
        expect(await python.next()).toHaveProperty('done')
      })

      it('receives a declared error with its data', async () => {
        await start('own_error')
        const failure = {
          code: 'NAME_TAKEN',
          text: 'That name is taken.',
          data: { suggestion: 'guest2' },
        }
        expect(await python.next()).toMatchObject({ failure, ...alive })
        expect(await python.next()).toHaveProperty('done')
      })

      it('receives INTERNAL without the reason for an error that the contract does not declare', async () => {
        await start('crash')
        const told = await python.next()
        expect(told).toMatchObject({ failure: { code: 'INTERNAL' }, ...alive })
        expect(JSON.stringify(told)).not.toContain('for the log only')
        expect(await python.next()).toHaveProperty('done')
      })

      it('learns that a call whose handler crashed may have run', async () => {
        await start('crash')
        const { failure } = await python.next()
        expect(await python.next()).toHaveProperty('done')
        expect(failure).toMatchObject({ maybeExecuted: true })
      })

      it('learns from the handler whether a failed call may have run', async () => {
        await start('own_error')
        const { failure } = await python.next()
        expect(await python.next()).toHaveProperty('done')
        expect(failure).toMatchObject({ maybeExecuted: false })
      })

      it('receives no more items than it granted, in items and in bytes, and all of them in the end', async () => {
        await start('items')
        expect(await python.next()).toEqual({ ahead: 2, same: true })
        expect(await python.next()).toEqual({ ahead: 1, same: true })
        expect(await python.next()).toEqual({ ahead: 0, same: true })
        expect(await python.next()).toHaveProperty('done')
      })

      it('learns that a handler has begun only if it asks, with the call or later', async () => {
        await start('started')
        expect(await python.next()).toEqual({ told: [{}, null, null] })
        expect(await python.next()).toEqual({ told: [{}, {}, null] })
        expect(await python.next()).toEqual({ items: [[1], [1], [1]] })
        expect(await python.next()).toHaveProperty('done')
      })

      it('sends and receives a body of 300 kB in pieces', async () => {
        await start('pieces')
        const { piecesReceived, wholeAt, same } = await python.next()
        expect(same).toBe(true)
        expect(piecesReceived).toBe(Math.ceil(307_200 / defaultSessionLimits.pieceBytes))
        expect(wholeAt).toBe((piecesReceived as number) - 1)
        expect(await python.next()).toHaveProperty('done')
      })

      it('receives the answer of a short call between the pieces of a long body', async () => {
        await start('pieces_of_items_between')
        expect(await python.next()).toEqual({ short: { text: 'short' }, long: 300_000 })
        expect(await python.next()).toHaveProperty('done')
      })

      it('receives CANCELLED for its cancel only after the handler has stopped', async () => {
        const { aborted } = await start('cancel')
        expect(await python.next()).toEqual({ settled: 'CANCELLED', answers: 0, open: true })
        expect(await python.next()).toEqual({
          code: 'CANCELLED',
          maybeExecuted: true,
          sameCall: true,
          ...alive,
        })
        expect(aborted()).toEqual([true])
        expect(await python.next()).toHaveProperty('done')
      })

      it('receives DEADLINE_EXCEEDED from the callee, which does not run a call without time', async () => {
        const { aborted } = await start('deadline')
        expect(await python.next()).toMatchObject({
          failure: { code: 'DEADLINE_EXCEEDED', maybeExecuted: true },
        })
        expect(await python.next()).toMatchObject({
          failure: { code: 'DEADLINE_EXCEEDED', maybeExecuted: false },
          ...alive,
        })
        expect(aborted()).toEqual([true])
        expect(await python.next()).toHaveProperty('done')
      })

      it('receives a pong for each ping, in order', async () => {
        await start('ping')
        expect(await python.next()).toEqual({ tokens: Array.from({ length: 20 }, (_, index) => index + 1) })
        expect(await python.next()).toHaveProperty('done')
      })

      it('receives the events to which a handler subscribed it, and UNIMPLEMENTED for its own subscribe', async () => {
        await start('event')
        expect(await python.next()).toEqual({ texts: ['one', 'two'], events: 2 })
        expect(await python.next()).toMatchObject({ failure: { code: 'UNIMPLEMENTED' }, ...alive })
        expect(await python.next()).toHaveProperty('done')
      })

      it('subscribes to an event for clients, receives each event once, and unsubscribes', async () => {
        await start('subscribe')
        expect(await python.next()).toEqual({ texts: ['one', 'two'], events: 2 })
        expect(await python.next()).toEqual({ events: 2 })
        expect(await python.next()).toMatchObject({ failure: { code: 'PERMISSION_DENIED' } })
        for (let wrong = 0; wrong < 3; wrong++)
          expect(await python.next()).toMatchObject({ failure: { code: 'INVALID_ARGUMENT' } })
        expect(await python.next()).toMatchObject({ failure: { code: 'UNIMPLEMENTED' }, ...alive })
        expect(await python.next()).toHaveProperty('done')
      })

      it('finishes its open call when the server closes, and both directions end in order', async () => {
        const { server, release, ended } = await start('goaway')
        const { running } = await python.next()
        const closed = server.close({ graceMs: 10_000 })
        const { lastCallId, code } = await python.next()
        expect(code).toBe('CLOSED')
        expect(lastCallId).toBeGreaterThanOrEqual(running as number)
        expect(await python.next()).toMatchObject({ refused: { code: 'UNAVAILABLE', maybeExecuted: false } })
        release()
        python.tell('released')
        expect(await python.next()).toEqual({ result: 'released' })
        expect(await python.next()).toEqual({ ended: 'CLOSED' })
        await closed
        await expect.poll(() => ended).toMatchObject([{ code: 'CLOSED' }])
        expect(await python.next()).toHaveProperty('done')
      })

      it('closes in order by itself', async () => {
        const { ended } = await start('close_by_client')
        expect(await python.next()).toEqual({ ended: 'CLOSED' })
        await expect.poll(() => ended).toMatchObject([{ code: 'CLOSED' }])
        expect(await python.next()).toHaveProperty('done')
      })

      it('receives fingerprints and outlines from frameport/describe, and finds the differences', async () => {
        await start('describe')
        const { fingerprints, eventFingerprints } = interop.announcement
        expect(await python.next()).toMatchObject({
          told: {
            contract: 'interop',
            version: 1,
            procedures: fingerprints,
            events: eventFingerprints,
            outlines: outlinesOf(interop),
          },
          places: ['output.text', 'input.nick'],
          unknown: { code: 'NOT_FOUND' },
          ...alive,
        })
        expect(await python.next()).toHaveProperty('done')
      })

      it('receives UNIMPLEMENTED with the served versions for another version, and for unknown procedures', async () => {
        await start('wrong_version')
        const { failure } = (await python.next()) as { failure: { text: string; code: string } }
        expect(failure).toMatchObject({ code: 'UNIMPLEMENTED', maybeExecuted: false })
        expect(failure.text).toMatch(/\b1\b/)
        for (let more = 0; more < 6; more++) {
          expect(await python.next()).toMatchObject({
            failure: { code: 'UNIMPLEMENTED', maybeExecuted: false },
          })
        }
        expect(await python.next()).toHaveProperty('done')
      })

      it('fails only one call with too much metadata', async () => {
        await start('metadata')
        const failure = { code: 'RESOURCE_EXHAUSTED', maybeExecuted: false }
        expect(await python.next()).toMatchObject({ failure })
        expect(await python.next()).toMatchObject({ failure })
        expect(await python.next()).toEqual({ within: { text: 'x' }, waited: 'released', ...alive })
        expect(await python.next()).toHaveProperty('done')
      })

      it('receives INVALID_ARGUMENT for an input that is not JSON, does not match the contract, or has another encoding', async () => {
        await start('invalid_input')
        for (let body = 0; body < 5; body++) {
          expect(await python.next()).toMatchObject({
            failure: { code: 'INVALID_ARGUMENT', maybeExecuted: false },
          })
        }
        expect(await python.next()).toEqual(alive)
        expect(await python.next()).toHaveProperty('done')
      })
    },
  )
}
