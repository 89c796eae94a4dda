import assert from 'node:assert/strict'
import type { ConformanceCase } from '../conformance-case.ts'
import { digestOf, pattern, text } from '../support/bytes.ts'
import { pair } from '../support/pair.ts'
import { Recorder } from '../support/recorder.ts'

export const lentBytesCases: readonly ConformanceCase[] = [
  {
    name: 'a chunk is a plain Uint8Array, whose slice is a copy (the slice of a Buffer is not)',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const constructors = new Set<unknown>()
      const note = (chunk: Uint8Array) => constructors.add(Object.getPrototypeOf(chunk))
      const recorders = [new Recorder({ data: note }), new Recorder({ data: note })] as const
      client.start(recorders[0])
      server.start(recorders[1])
      client.send(text('to the accepted side'))
      server.send(text('to the connected side'))
      await recorders[0].untilBytes(signal, 21)
      await recorders[1].untilBytes(signal, 20)
      assert.deepEqual([...constructors], [Uint8Array.prototype])
      client.abort()
      server.abort()
    },
  },
  {
    name: 'with poisonLentBytes a chunk that is kept no longer holds its bytes; a copy does',
    async run({ openPort, signal }) {
      const port = openPort({ poisonLentBytes: true })
      const { client, server } = await pair(port)
      const kept: Uint8Array[] = []
      const copies: Uint8Array[] = []
      const atServer = new Recorder({
        data(chunk) {
          kept.push(chunk)
          copies.push(chunk.slice())
        },
      })
      server.start(atServer)
      client.send(text('lent, not given'))
      await atServer.untilBytes(signal, 15)
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(Buffer.concat(copies).toString(), 'lent, not given')
      assert.ok(
        kept.every(
          (chunk) =>
            !Buffer.from(chunk)
              .toString('latin1')
              .match(/lent|not|given/),
        ),
      )
      client.abort()
      server.abort()
    },
  },
  {
    name: 'bytes echoed from inside data are right although they are only lent',
    async run({ openPort, signal }) {
      const port = openPort({ poisonLentBytes: true })
      const { client, server } = await pair(port)
      server.start(new Recorder({ data: (chunk) => void server.send(chunk) }, false))
      const echo = new Recorder({}, false)
      client.start(echo)
      const bytes = pattern(1024 * 1024)
      for (let offset = 0; offset < bytes.length; offset += 30_011) {
        client.send(bytes.subarray(offset, offset + 30_011))
      }
      await echo.untilBytes(signal, bytes.length)
      assert.equal(echo.digest(), digestOf(bytes))
      client.abort()
      server.abort()
    },
  },
]
