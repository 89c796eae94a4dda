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

      /** Starts our server, and the case of this name against it. */
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
          // What it still has to say would be taken for the next case's.
          python.kill()
          python = startPython('drive.py')
        })
        return ours
      }

      it('opens, with settings and kinds that mean nothing in both directions', async () => {
        const { ended } = await start('handshake')
        const { strangeSettings, ...told } = await python.next()
        expect(told).toEqual({ version: 1, codec: 'json', contracts: [['interop', 1, 1]], ...alive })
        expect(strangeSettings).toHaveLength(1)
        expect(await python.next()).toHaveProperty('done')
        await expect.poll(() => ended).toMatchObject([{ code: 'CLOSED' }])
      })

      it('gets the answer of a unary call', async () => {
        await start('unary')
        expect(await python.next()).toEqual({ same: true })
        expect(await python.next()).toHaveProperty('done')
      })

      it("gets the contract's own error with its data", async () => {
        await start('own_error')
        const failure = {
          code: 'NAME_TAKEN',
          text: 'That name is taken.',
          data: { suggestion: 'guest2' },
        }
        expect(await python.next()).toMatchObject({ failure, ...alive })
        expect(await python.next()).toHaveProperty('done')
      })

      it('gets INTERNAL, and nothing of the reason, for what is no error of the contract', async () => {
        await start('crash')
        const told = await python.next()
        expect(told).toMatchObject({ failure: { code: 'INTERNAL' }, ...alive })
        expect(JSON.stringify(told)).not.toContain('for the log only')
        expect(await python.next()).toHaveProperty('done')
      })

      it('is told that a call whose handler crashed may have run', async () => {
        await start('crash')
        const { failure } = await python.next()
        expect(await python.next()).toHaveProperty('done')
        expect(failure).toMatchObject({ maybeExecuted: true })
      })

      it('is told by the handler itself whether a call that failed may have run', async () => {
        await start('own_error')
        const { failure } = await python.next()
        expect(await python.next()).toHaveProperty('done')
        expect(failure).toMatchObject({ maybeExecuted: false })
      })

      it('gets no more items ahead than it granted, in items and in bytes, and all of them in the end', async () => {
        await start('items')
        expect(await python.next()).toEqual({ ahead: 2, same: true })
        expect(await python.next()).toEqual({ ahead: 1, same: true })
        expect(await python.next()).toEqual({ ahead: 0, same: true })
        expect(await python.next()).toHaveProperty('done')
      })

      it('is told that a handler has begun when it asks, with a call or later, and only then', async () => {
        await start('started')
        expect(await python.next()).toEqual({ told: [{}, null, null] })
        expect(await python.next()).toEqual({ told: [{}, {}, null] })
        expect(await python.next()).toEqual({ items: [[1], [1], [1]] })
        expect(await python.next()).toHaveProperty('done')
      })

      it('sends and gets a body of 300 kB in pieces', async () => {
        await start('pieces')
        const { piecesReceived, wholeAt, same } = await python.next()
        expect(same).toBe(true)
        expect(piecesReceived).toBe(Math.ceil(307_200 / defaultSessionLimits.pieceBytes))
        expect(wholeAt).toBe((piecesReceived as number) - 1)
        expect(await python.next()).toHaveProperty('done')
      })

      it('gets the answer of a short call beside a body in pieces', async () => {
        await start('pieces_of_items_between')
        expect(await python.next()).toEqual({ short: { text: 'short' }, long: 300_000 })
        expect(await python.next()).toHaveProperty('done')
      })

      it('gets CANCELLED for its cancel when the handler has stopped, and not before', async () => {
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

      it('gets DEADLINE_EXCEEDED from the callee, who does not run a call without time', async () => {
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

      it('gets a pong for each ping, in order', async () => {
        await start('ping')
        expect(await python.next()).toEqual({ tokens: Array.from({ length: 20 }, (_, index) => index + 1) })
        expect(await python.next()).toHaveProperty('done')
      })

      it('gets the events that a handler subscribed it to; its own subscribe is UNIMPLEMENTED', async () => {
        await start('event')
        expect(await python.next()).toEqual({ texts: ['one', 'two'], events: 2 })
        expect(await python.next()).toMatchObject({ failure: { code: 'UNIMPLEMENTED' }, ...alive })
        expect(await python.next()).toHaveProperty('done')
      })

      it('subscribes to what clients subscribe to, gets each event once, and gives it back', async () => {
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

      it('is told fingerprints and outlines by frameport/describe, and in which places it differs', async () => {
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

      it('gets UNIMPLEMENTED for another version, naming those that there are, and for what nobody has', async () => {
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

      it('fails one call only by metadata over the limit', async () => {
        await start('metadata')
        const failure = { code: 'RESOURCE_EXHAUSTED', maybeExecuted: false }
        expect(await python.next()).toMatchObject({ failure })
        expect(await python.next()).toMatchObject({ failure })
        expect(await python.next()).toEqual({ within: { text: 'x' }, waited: 'released', ...alive })
        expect(await python.next()).toHaveProperty('done')
      })

      it('gets INVALID_ARGUMENT for an input that is no JSON, not what the contract says, or of another encoding', async () => {
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
