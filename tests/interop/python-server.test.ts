import { type Client, type ClientOptions, createClient, safe } from '@frameport/client'
import { describedContract, outlinesOf } from '@frameport/protocol/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { interop } from './contract.ts'
import { backends, portOf } from './support/backends.ts'
import { handlerBeginsMs, type PythonProcess, startPython } from './support/python.ts'

for (const { backend, absent } of backends) {
  const title = `our client on ${backend} with the server in Python`
  describe.skipIf(absent !== undefined)(
    absent === undefined ? title : `${title} (skipped: ${absent})`,
    () => {
      const closing: (() => Promise<void>)[] = []
      afterEach(async () => {
        for (const close of closing.splice(0).reverse()) await close()
      })

      async function start(
        options: ClientOptions = {},
        ...args: readonly string[]
      ): Promise<{ client: Client<typeof interop>; python: PythonProcess }> {
        const completionPort = portOf(backend)
        const python = startPython('serve.py', ...args)
        closing.push(async () => {
          python.kill()
          await completionPort.close()
        })
        const { port } = await python.next()
        const client = createClient(interop, `tcp://127.0.0.1:${port}`, {
          completionPort,
          reconnect: false,
          ...options,
        })
        closing.push(() => client.$close({ graceMs: 0 }))
        return { client, python }
      }

      it('opens a connection with a hello that names the contract, makes calls, and closes in order', async () => {
        const { client, python } = await start()
        await client.$connection.opened()
        const text = 'Grüße, 👋 \u0000'
        expect(await client.echo({ text })).toEqual({ text })
        await client.$close()
        expect(await client.$connection.closed()).toMatchObject({ code: 'CLOSED' })
        python.tell('ended')
        expect(await python.next()).toEqual({ ended: 'CLOSED', hello: ['interop'] })
        await python.finish()
      })

      it('lists the differences to the contract of the server, and mentions them if an answer does not match', async () => {
        const described = describedContract(interop)
        const echo = { ...outlinesOf(interop).procedures.echo, 'input.text': '0', 'output.text': '0' }
        const procedures = { ...described.procedures, echo: 'unary-0-0-0' }
        const outlines = { ...outlinesOf(interop), procedures: { ...outlinesOf(interop).procedures, echo } }
        const told = JSON.stringify({ ...described, procedures, outlines })
        const { client } = await start({ onContractDifferences: () => undefined }, told)
        const found = await client.$connection.differences()
        expect(found?.map(({ member, place, outcome }) => [member, place, outcome])).toEqual([
          ['echo', 'input.text', 'unknown'],
          ['echo', 'output.text', 'unknown'],
        ])
        const { error } = await safe(client.echo({ text: 5 as never }))
        expect(error?.message).toMatch(/; they differ in: output\.text$/)
      })

      it('does not know the differences to a server that cannot describe its contract', async () => {
        const { client } = await start()
        expect(await client.$connection.differences()).toBeUndefined()
      })

      it('receives a declared error with its data', async () => {
        const { client } = await start()
        const { error } = await safe(client.refuse())
        expect(error).toMatchObject({ code: 'NAME_TAKEN', data: { suggestion: 'guest2' } })
        expect(error?.message).toBe('That name is taken.')
      })

      it('receives INTERNAL as maybe executed for an error that the contract does not declare', async () => {
        const { client } = await start()
        const { error } = await safe(client.crash())
        expect(error).toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
      })

      it('grants items and bytes again as it reads, and receives all items', async () => {
        const { client } = await start({ limits: { streamWindowItems: 2 } })
        const numbers: number[] = []
        for await (const number of client.count({ to: 50 })) numbers.push(number)
        expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
      })

      it('lets the server start only one item ahead if it grants one byte', async () => {
        const { client, python } = await start({ limits: { streamWindowBytes: 1 } })
        const stream = client.count({ to: 50 })
        expect(await stream.next()).toEqual({ done: false, value: 1 })
        python.tell('ping')
        const sent: unknown[] = []
        for (let told = await python.next(); 'sent' in told; told = await python.next()) sent.push(told.sent)
        expect(sent.length).toBeLessThanOrEqual(2)
        const numbers: number[] = []
        for await (const number of stream) numbers.push(number)
        expect(numbers).toEqual(Array.from({ length: 49 }, (_, index) => index + 2))
      })

      it('learns that a handler has begun, if it asks with the call or later', async () => {
        const { client } = await start()
        const early = client.watch()
        await early.started()
        const late = client.watch()
        const asked = late.next()
        await client.echo({ text: 'the call is under way' })
        await late.started()
        await client.release()
        expect([(await early.next()).value, (await asked).value]).toEqual([1, 1])
      })

      it('sends and receives a body of 300 kB in pieces, and short ones in between', async () => {
        const { client } = await start()
        const sent = Uint8Array.from({ length: 300_000 }, (_, index) => index & 0xff)
        const [answer, short] = await Promise.all([client.invert(sent), client.echo({ text: 'short' })])
        expect(
          Buffer.compare(
            answer,
            sent.map((byte) => byte ^ 0xff),
          ),
        ).toBe(0)
        expect(short).toEqual({ text: 'short' })
      })

      it('receives the events to which a handler subscribed it', async () => {
        const { client, python } = await start()
        const texts: string[] = []
        client.$on('line', { room: 'lobby' }, ({ text }) => void texts.push(text))
        await client.join({ room: 'lobby' })
        python.tell('publish one')
        python.tell('publish two')
        await expect.poll(() => texts).toEqual(['one', 'two'])
      })

      it('subscribes over the wire, receives a gap, and unsubscribes', async () => {
        const gaps: unknown[] = []
        const { client, python } = await start({
          limits: { frameBytesMax: 4_096 },
          onEventGap: (gap) => void gaps.push(gap),
        })
        const texts: string[] = []
        const stop = client.$on('tick', { room: 'lobby' }, ({ text }) => void texts.push(text))
        await stop.subscribed
        python.tell('tick one')
        python.tell('long 5000')
        python.tell('tick two')
        await expect.poll(() => texts).toEqual(['one', 'two'])
        expect(gaps).toEqual([{ event: 'interop/tick', topic: { room: 'lobby' }, events: 1 }])
        stop()
        expect(await client.echo({ text: 'given back' })).toEqual({ text: 'given back' })
        python.tell('tick three')
        expect(await client.echo({ text: 'alive' })).toEqual({ text: 'alive' })
        expect(texts).toEqual(['one', 'two'])
      })

      it('cancels a call: the handler learns of it, and the slot becomes free with the answer', async () => {
        const { client, python } = await start()
        const controller = new AbortController()
        const outcome = safe(client.wait({ signal: controller.signal }))
        expect(await python.next()).toMatchObject({ waiting: 1 })
        controller.abort()
        expect((await outcome).error).toMatchObject({ code: 'CANCELLED' })
        expect(await python.next()).toEqual({ stopped: 'CANCELLED' })
        python.tell('slots')
        expect(await python.next()).toEqual({ slots: 0, incoming: 0 })
        expect(await client.echo({ text: 'alive' })).toEqual({ text: 'alive' })
      })

      it('cancels a stream that it leaves, and the handler learns of it', async () => {
        const { client, python } = await start({ limits: { streamWindowItems: 1 } })
        for await (const number of client.count({ to: 50 })) if (number === 2) break
        python.tell('slots')
        // The server may have sent items before it.
        let told = await python.next()
        while ('sent' in told) told = await python.next()
        expect(told).toEqual({ slots: 0, incoming: 0 })
        expect(await client.echo({ text: 'alive' })).toEqual({ text: 'alive' })
      })

      it('fails a call with DEADLINE_EXCEEDED, and the server knew the deadline', async () => {
        const { client, python } = await start()
        const outcome = await safe(client.wait({ deadlineMs: handlerBeginsMs }))
        expect(outcome.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
        expect(await python.next()).toMatchObject({ deadlineMs: true })
        expect(await python.next()).toEqual({ stopped: 'DEADLINE_EXCEEDED' })
        expect(await client.echo({ text: 'alive' })).toEqual({ text: 'alive' })
      })

      it('answers pings, and pings a silent server', async () => {
        const { client, python } = await start({
          limits: { heartbeatIntervalMs: 20, heartbeatTimeoutMs: 10_000 },
        })
        await client.$connection.opened()
        for (let round = 0; round < 5; round++) {
          python.tell('ping')
          expect(await python.next()).toEqual({ pinged: true })
        }
        expect(await client.echo({ text: 'alive' })).toEqual({ text: 'alive' })
      })

      it('finishes an open call after a GOAWAY, makes no more calls, and both directions end in order', async () => {
        const { client, python } = await start()
        const open = client.wait()
        expect(await python.next()).toMatchObject({ waiting: 1 })
        // The client's own call, for the description of the contract, has ended before.
        await client.$connection.differences()
        python.tell('drain')
        expect(await python.next()).toEqual({ lastCallId: 3 })
        await expect.poll(() => client.$connection.state).toBe('draining')
        const { error } = await safe(client.echo({ text: 'late' }))
        expect(error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
        python.tell('release')
        expect(await open).toBe('released')
        expect(await client.$connection.closed()).toMatchObject({ code: 'CLOSED' })
        python.tell('ended')
        expect(await python.next()).toMatchObject({ ended: 'CLOSED' })
      })
    },
  )
}
