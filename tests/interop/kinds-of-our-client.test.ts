import { createHash } from 'node:crypto'
import { type Client, createClient, safe } from '@frameport/client'
import { afterEach, describe, expect, it } from 'vitest'
import { kinds } from './kinds.ts'
import { backends, portOf } from './support/backends.ts'
import { handlerBeginsMs, type PythonProcess, startPython } from './support/python.ts'

function* numbers(): Generator<number> {
  for (let number = 0; ; number++) yield number
}

for (const { backend, absent } of backends) {
  const title = `our client on ${backend} calls the server in Python`
  describe.skipIf(absent !== undefined)(
    absent === undefined ? title : `${title} (skipped: ${absent})`,
    () => {
      const closing: (() => Promise<void> | void)[] = []
      afterEach(async () => {
        for (const close of closing.splice(0).reverse()) await close()
      })

      async function start(): Promise<{ client: Client<typeof kinds>; python: PythonProcess }> {
        const completionPort = portOf(backend)
        closing.push(() => completionPort.close())
        const python = startPython('kinds_peer.py', 'server')
        closing.push(() => python.kill())
        const { port } = await python.next()
        const client = createClient(kinds, `tcp://127.0.0.1:${port}`, { completionPort, reconnect: false })
        closing.push(() => client.$close({ graceMs: 0 }))
        return { client, python }
      }

      it('and uploads items under its credit, or no items', async () => {
        const { client } = await start()
        const thousand = Array.from({ length: 1000 }, (_, number) => number)
        expect(await client.sum(thousand)).toBe(499_500)
        expect(await client.sum([])).toBe(0)
      })

      it('and uploads raw bytes after a typed head', async () => {
        const { client } = await start()
        const sent = new Uint8Array(274_801).map((_, index) => index & 0xff)
        const sha256 = createHash('sha256').update(sent).digest('hex')
        expect(await client.store({ name: 'a.bin' }, sent)).toEqual({
          name: 'a.bin',
          bytes: 274_801,
          sha256,
        })
      })

      it('and leaves its source when it receives a stop or an early answer', async () => {
        const { client } = await start()
        let ended = 0
        function* words() {
          try {
            for (const number of numbers()) yield { text: `word ${number}` }
          } finally {
            ended += 1
          }
        }
        expect(await client.find({ text: 'word 20' }, words())).toBe(21)
        expect(ended).toBe(1)
        expect(await client.enough(numbers())).toBe('enough')
        const { error } = await safe(client.quota(numbers()))
        expect(error).toMatchObject({ code: 'QUOTA', data: 7, message: 'enough of it' })
        expect(await client.echo({ text: 'alive' })).toEqual({ text: 'alive' })
      })

      it('and sends no more items ahead of the callee than that announced', async () => {
        const { client, python } = await start()
        let read = 0
        const outcome = client.hold(
          (function* () {
            while (read < 100) yield read++
          })(),
        )
        expect(await python.next()).toEqual({ running: 'hold' })
        await expect.poll(() => read).toBe(16)
        await client.echo({ text: 'what could go out has gone out' })
        expect(read).toBe(16)
        await client.release()
        expect(await outcome).toBe(100)
      })

      it('and cancels an upload: the handler receives the code, and the slot becomes free', async () => {
        const { client, python } = await start()
        const controller = new AbortController()
        const cancelled = safe(client.hold(numbers(), { signal: controller.signal }))
        expect(await python.next()).toEqual({ running: 'hold' })
        controller.abort()
        expect((await cancelled).error).toMatchObject({ code: 'CANCELLED' })
        expect(await python.next()).toEqual({ givenUp: 'CANCELLED' })

        const late = safe(client.hold(numbers(), { deadlineMs: handlerBeginsMs }))
        expect(await python.next()).toEqual({ running: 'hold' })
        expect((await late).error).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
        expect(await python.next()).toEqual({ givenUp: 'DEADLINE_EXCEEDED' })

        function* half() {
          yield 1
          throw new Error('the disk')
        }
        const { error } = await safe(client.sum(half()))
        expect(error).toMatchObject({ code: 'ABORTED' })
        expect(await python.next()).toEqual({ givenUp: 'ABORTED' })

        await slotsAreFree(python)
      })

      it('and streams in both directions at the same time, and in turn', async () => {
        const { client } = await start()
        const words = Array.from({ length: 100 }, (_, number) => ({ text: `word ${number}` }))
        const louder: string[] = []
        for await (const { text } of client.shout(words)) louder.push(text)
        expect(louder).toEqual(words.map(({ text }) => text.toUpperCase()))

        let mayUpload = () => {}
        const first = new Promise<void>((resolve) => {
          mayUpload = resolve
        })
        async function* later() {
          await first
          yield* [1, 2, 3]
        }
        const reversed: number[] = []
        for await (const number of client.reverse(later())) {
          reversed.push(number)
          mayUpload()
        }
        expect(reversed).toEqual([0, 3, 2, 1])
      })

      it('and leaves a stream in both directions, and its handler learns of that', async () => {
        const { client, python } = await start()
        for await (const { text } of client.shout(numbersAsWords())) if (text === 'WORD 3') break
        await slotsAreFree(python)
        expect(await client.echo({ text: 'alive' })).toEqual({ text: 'alive' })
      })

      it('and makes one-way calls, which use no slot', async () => {
        const { client, python } = await start()
        for (const text of ['one', 'two', 'three']) await client.seen({ text })
        const seen = async () => (await client.saw()).seen.toSorted()
        // Each handler runs in its own thread.
        await expect.poll(seen).toEqual(['one', 'three', 'two'])
        python.tell('oneways')
        expect(await python.next()).toEqual({ dropped: 0 })
      })

      it('and finishes an open upload when the server closes in order', async () => {
        const { client, python } = await start()
        let mayEnd = () => {}
        const closing = new Promise<void>((resolve) => {
          mayEnd = resolve
        })
        async function* slowly() {
          yield 1
          await closing
          yield 2
        }
        const sum = client.sum(slowly())
        await client.echo({ text: 'the first item is under way' })
        python.tell('close')
        await expect.poll(() => client.$connection.state).toBe('draining')
        expect((await safe(client.seen({ text: 'late' }))).error).toMatchObject({ code: 'UNAVAILABLE' })
        mayEnd()
        expect(await sum).toBe(3)
        expect(await python.next()).toEqual({ ended: 'CLOSED' })
      })
    },
  )
}

/** The handler ends in its own thread, a little later than the call. */
async function slotsAreFree(python: PythonProcess): Promise<void> {
  const asked = async () => {
    python.tell('slots')
    return await python.next()
  }
  await expect.poll(asked).toEqual({ slots: 0, incoming: 0 })
}

function* numbersAsWords() {
  for (const number of numbers()) yield { text: `word ${number}` }
}
