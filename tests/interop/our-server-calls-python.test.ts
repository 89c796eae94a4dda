import { createHash } from 'node:crypto'
import { RpcError } from '@frameport/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { type AcceptedPython, acceptPython } from './support/accept-python.ts'
import { backends, portOf } from './support/backends.ts'
import { handlerBeginsMs } from './support/python.ts'
import { SessionCall, type SessionCallOptions, sendOneway } from './support/session-call.ts'

interface Pair extends AcceptedPython {
  call(name: string, options?: SessionCallOptions): SessionCall
}

function* numbers(): Generator<number> {
  for (let number = 0; ; number++) yield number
}

async function all(call: SessionCall): Promise<unknown[]> {
  const items: unknown[] = []
  for await (const item of call) items.push(item)
  return items
}

for (const { backend, absent } of backends) {
  const title = `our server on ${backend} calls the client in Python`
  describe.skipIf(absent !== undefined)(
    absent === undefined ? title : `${title} (skipped: ${absent})`,
    () => {
      const closing: (() => Promise<void> | void)[] = []
      afterEach(async () => {
        for (const close of closing.splice(0).reverse()) await close()
      })

      async function start(): Promise<Pair> {
        const port = portOf(backend)
        closing.push(() => port.close())
        const accepted = await acceptPython(port, ['kinds_peer.py', 'client'])
        const { python, session, opened } = accepted
        closing.push(() => python.kill())
        closing.push(() => session.close({ graceMs: 0 }))
        await opened
        expect(await python.next()).toEqual({ connected: true })
        const call: Pair['call'] = (name, options) => new SessionCall(session, `kinds@1/${name}`, options)
        return { ...accepted, call }
      }

      it('which has announced what it serves', async () => {
        const { session } = await start()
        const contracts = [{ name: 'kinds', version: 1, serves: true, calls: true }]
        expect(session.peer?.contracts).toMatchObject(contracts)
      })

      it('and receives the answer of a long unary call, and a declared error', async () => {
        const { call } = await start()
        const input = { text: 'Grüße, 👋 '.repeat(30_000) }
        expect(await call('echo', { input }).result).toEqual(input)
        await expect(call('refuse').result).rejects.toMatchObject({
          code: 'NAME_TAKEN',
          data: { suggestion: 'guest2' },
          maybeExecuted: false,
        })
      })

      it('and cancels calls, also by a deadline: the handlers learn of it, and the slots become free', async () => {
        const { call, python } = await start()
        const waiting = call('wait')
        expect(await python.next()).toEqual({ running: 'wait' })
        waiting.call.cancel(new RpcError('ABORTED', 'nobody wants it'))
        await expect(waiting.result).rejects.toMatchObject({ code: 'ABORTED', maybeExecuted: true })
        expect(await python.next()).toEqual({ givenUp: 'ABORTED' })
        const late = call('hold', { upload: numbers(), deadlineMs: handlerBeginsMs })
        expect(await python.next()).toEqual({ running: 'hold' })
        await expect(late.result).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: true })
        expect(await python.next()).toEqual({ givenUp: 'DEADLINE_EXCEEDED' })
        python.tell('slots')
        expect(await python.next()).toEqual({ slots: 0, incoming: 0 })
      })

      it('and receives items as it grants credit', async () => {
        const { call } = await start()
        const count = call('count', { input: { to: 50 }, credit: { items: 2, bytes: 1 } })
        expect(await all(count)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
      })

      it('and uploads items, and raw bytes after a typed head', async () => {
        const { call } = await start()
        const thousand = Array.from({ length: 1000 }, (_, number) => number)
        expect(await call('sum', { upload: thousand }).result).toBe(499_500)
        const chunks = [new Uint8Array(200_000).fill(7), new Uint8Array(), new Uint8Array(1)]
        const hash = createHash('sha256')
        for (const chunk of chunks) hash.update(chunk)
        expect(await call('store', { input: { name: 'a.bin' }, upload: chunks }).result).toEqual({
          name: 'a.bin',
          bytes: 200_001,
          sha256: hash.digest('hex'),
        })
      })

      it('and receives a stop for an upload, or an answer before its end', async () => {
        const { call } = await start()
        const words = Array.from({ length: 10_000 }, (_, number) => ({ text: `word ${number}` }))
        const find = call('find', { input: { text: 'word 20' }, upload: words })
        expect(await find.result).toBe(21)
        expect(find.stops).toBe(1)
        expect(find.read).toBeLessThan(100)
        expect(await call('enough', { upload: numbers() }).result).toBe('enough')
        await expect(call('quota', { upload: numbers() }).result).rejects.toMatchObject({
          code: 'QUOTA',
          data: 7,
        })
      })

      it('and sends no more items ahead of the client than that announced', async () => {
        const { call, python } = await start()
        const hold = call('hold', { upload: Array.from({ length: 100 }, (_, number) => number) })
        expect(await python.next()).toEqual({ running: 'hold' })
        await expect.poll(() => hold.read).toBe(16)
        await call('echo', { input: { text: 'what could go out has gone out' } }).result
        expect(hold.read).toBe(16)
        await call('release').result
        expect(await hold.result).toBe(100)
      })

      it('and receives a stop and a failure if the client cannot accept an item', async () => {
        const { call, python } = await start()
        const sum = call('sum', { upload: [1, 'no number', ...Array.from({ length: 100 }, () => 1)] })
        await expect(sum.result).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', maybeExecuted: true })
        python.tell('slots')
        expect(await python.next()).toEqual({ slots: 0, incoming: 0 })
      })

      it('and streams in both directions', async () => {
        const { call } = await start()
        const words = Array.from({ length: 100 }, (_, number) => ({ text: `word ${number}` }))
        const shout = call('shout', { upload: words, credit: { items: 2, bytes: 1000 } })
        expect(await all(shout)).toEqual(words.map(({ text }) => ({ text: text.toUpperCase() })))
        const reverse = call('reverse', { upload: [1, 2, 3], credit: { items: 1, bytes: 1 } })
        expect(await all(reverse)).toEqual([0, 3, 2, 1])
      })

      it('and makes one-way calls, of which the client drops those that it cannot run', async () => {
        const { call, session, python } = await start()
        for (const text of ['one', 'two']) await sendOneway(session, 'kinds@1/seen', { text })
        await sendOneway(session, 'kinds@1/nobody', {})
        await sendOneway(session, 'kinds@1/echo', { text: 'it is called for an answer' })
        python.tell('oneways')
        expect(await python.next()).toEqual({ dropped: 2 })
        await expect.poll(async () => call('saw').result).toMatchObject({ seen: { length: 2 } })
      })

      it('and receives UNIMPLEMENTED for a procedure that the client does not have, or that has another kind', async () => {
        const { call } = await start()
        const upload = [1]
        for (const wrong of [
          call('nobody'),
          call('nobody', { upload }),
          call('sum'),
          call('echo', { upload }),
        ])
          await expect(wrong.result).rejects.toMatchObject({ code: 'UNIMPLEMENTED', maybeExecuted: false })
        expect(await call('echo', { input: { text: 'alive' } }).result).toEqual({ text: 'alive' })
      })

      it('and has its call finished by a client that closes in order', async () => {
        const { call, python, closed } = await start()
        let mayEnd = () => {}
        const ending = new Promise<void>((resolve) => {
          mayEnd = resolve
        })
        const sum = call('sum', {
          upload: (async function* () {
            yield 1
            await ending
            yield 2
          })(),
        })
        await call('echo', { input: { text: 'the first item is under way' } }).result
        python.tell('close')
        await expect.poll(async () => failureOf(call('echo'))).toMatchObject({ code: 'UNAVAILABLE' })
        mayEnd()
        expect(await sum.result).toBe(3)
        expect(await closed).toMatchObject({ code: 'CLOSED' })
        expect(await python.next()).toEqual({ ended: 'CLOSED' })
      })

      it('and fails its calls as maybe executed when the client is killed', async () => {
        const { call, python, closed } = await start()
        const hold = call('hold', { upload: numbers() })
        expect(await python.next()).toEqual({ running: 'hold' })
        python.kill()
        await expect(hold.result).rejects.toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
        expect(await closed).toMatchObject({ code: 'CONNECTION_LOST' })
      })
    },
  )
}

function failureOf(call: SessionCall): Promise<unknown> {
  return call.result.then(
    () => undefined,
    (error: unknown) => error,
  )
}
