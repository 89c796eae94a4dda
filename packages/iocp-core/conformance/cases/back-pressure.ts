import assert from 'node:assert/strict'
import type { Connection } from '../../src/index.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { digestOf, pattern, text } from '../support/bytes.ts'
import { eventually, settled } from '../support/eventually.ts'
import { accepting, pair } from '../support/pair.ts'
import { rawServer } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'

const MiB = 1024 * 1024

export const backPressureCases: readonly ConformanceCase[] = [
  {
    name: 'the verdict is full if the peer does not read; when it reads, drained settles and drain is called',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atClient = new Recorder()
      const atServer = new Recorder({}, false)
      client.start(atClient)
      const bytes = pattern(16 * MiB)
      assert.equal(client.send(bytes), 'full')
      let drained = false
      const draining = client.drained().then(() => {
        drained = true
      })
      const held = await settled(signal, () => client.queuedBytes)
      assert.ok(held > 256 * 1024, `${held} bytes are held back`)
      assert.equal(drained, false)
      assert.equal(atClient.drains, 0)
      server.start(atServer)
      await draining
      assert.ok(client.queuedBytes <= 64 * 1024)
      await atClient.until(signal, 'drain', () => atClient.drains === 1)
      await atServer.untilBytes(signal, bytes.length)
      assert.equal(atServer.digest(), digestOf(bytes))
      client.abort()
      server.abort()
    },
  },
  {
    name: 'the watermarks are the ones of the options',
    async run({ openPort, signal }) {
      const port = openPort({ sendQueueHighBytes: 1000, sendQueueLowBytes: 0 })
      const { client, server } = await pair(port)
      const atClient = new Recorder()
      client.start(atClient)
      assert.notEqual(client.send(new Uint8Array(1000)), 'full')
      await eventually(
        signal,
        () => client.queuedBytes === 0,
        () => 'an empty queue',
      )
      // More than the kernel takes at once, so that what is over the watermark does not depend on its buffers.
      assert.equal(client.send(new Uint8Array(16 * MiB)), 'full')
      server.start(new Recorder({}, false))
      await client.drained()
      assert.equal(client.queuedBytes, 0)
      await atClient.until(signal, 'drain', () => atClient.drains === 1)
      // A send below the watermark is followed by no drain of its own.
      client.send(new Uint8Array(1000))
      await eventually(
        signal,
        () => client.queuedBytes === 0,
        () => 'an empty queue',
      )
      assert.equal(atClient.drains, 1)
      client.abort()
      server.abort()
    },
  },
  {
    name: 'drained settles at once if nothing is queued, and drain is not called without a verdict full',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atClient = new Recorder()
      const atServer = new Recorder()
      client.start(atClient)
      server.start(atServer)
      await client.drained()
      client.send(text('small'))
      await client.drained()
      await atServer.untilBytes(signal, 5)
      assert.equal(atClient.drains, 0)
      client.abort()
      server.abort()
    },
  },
  {
    name: 'pause slows the peer down; after resume everything arrives',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      let pausedAtBytes = 0
      const atServer = new Recorder(
        {
          data() {
            if (pausedAtBytes > 0) return
            pausedAtBytes = atServer.bytes
            server.pause()
          },
        },
        false,
      )
      client.start(new Recorder())
      server.start(atServer)
      const bytes = pattern(24 * MiB)
      assert.equal(client.send(bytes), 'full')
      await atServer.untilBytes(signal, 1)
      assert.ok((await settled(signal, () => client.queuedBytes)) > 0, 'the peer is held back')
      assert.equal(atServer.bytes, pausedAtBytes)
      server.resume()
      await atServer.untilBytes(signal, bytes.length)
      assert.equal(atServer.digest(), digestOf(bytes))
      client.abort()
      server.abort()
    },
  },
  {
    name: 'pausing at every chunk, on several connections at once, loses and reorders nothing',
    async run({ openPort, signal }) {
      const port = openPort({ poisonLentBytes: true })
      const bytes = pattern(2 * MiB)
      const { listener, next } = await accepting(port)
      const paused: Connection[] = []
      const resumeAll = () => {
        for (const connection of paused.splice(0)) connection.resume()
      }
      const runs = Array.from({ length: 8 }, async (_, index) => {
        const [client, server] = await Promise.all([port.connect(listener.endpoint), next()])
        const received = new Recorder(
          {
            data() {
              // Some resume in a turn of their own, others inside the callback of whichever comes next.
              if (index % 2 === 0) resumeAll()
              else setImmediate(resumeAll)
              server.pause()
              paused.push(server)
              setImmediate(resumeAll)
            },
          },
          false,
        )
        server.start(received)
        client.start(new Recorder())
        client.send(bytes)
        client.end()
        await received.untilEnd(signal)
        assert.equal(received.digest(), digestOf(bytes))
        server.end()
        await received.untilClose(signal)
      })
      await Promise.all(runs)
    },
  },
  {
    name: 'pause before start delivers nothing until resume',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atServer = new Recorder()
      server.pause()
      server.pause()
      server.start(atServer)
      client.send(text('wait'))
      await settled(signal, () => atServer.bytes)
      assert.equal(atServer.bytes, 0)
      server.resume()
      server.resume()
      await atServer.untilBytes(signal, 4)
      client.abort()
      server.abort()
    },
  },
  {
    name: 'a pause directly after start or resume holds the first bytes back on either side',
    async run({ openPort, signal }) {
      const port = openPort()
      for (const side of ['client', 'server'] as const) {
        for (const again of [false, true]) {
          const both = await pair(port)
          const reader = both[side]
          const writer = both[side === 'client' ? 'server' : 'client']
          const received = new Recorder()
          reader.start(received)
          reader.pause()
          if (again) {
            reader.resume()
            reader.pause()
          }
          writer.start(new Recorder())
          const bytes = pattern(5_000)
          for (let at = 0; at < bytes.length; at += 1_000) writer.send(bytes.subarray(at, at + 1_000))
          writer.end()
          // Elsewhere bytes go round meanwhile, and back: here they would have arrived.
          const other = await pair(port)
          const echo = new Recorder()
          other.server.start(new Recorder({ data: (chunk) => void other.server.send(chunk) }))
          other.client.start(echo)
          for (let round = 1; round <= 5; round++) {
            other.client.send(text('round'))
            await echo.untilBytes(signal, 5 * round)
          }
          const name = `${side}${again ? ' again' : ''}`
          assert.equal(received.bytes, 0, name)
          reader.resume()
          await received.untilEnd(signal)
          assert.equal(received.digest(), digestOf(bytes), name)
          for (const connection of [reader, writer, other.client, other.server]) connection.abort()
        }
      }
    },
  },
  {
    name: 'resume inside data does not deliver inside that call',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      // The recorder itself notices calls that overlap.
      const atServer = new Recorder(
        {
          data() {
            server.pause()
            server.resume()
          },
        },
        false,
      )
      server.start(atServer)
      const bytes = pattern(4 * MiB)
      client.send(bytes)
      await atServer.untilBytes(signal, bytes.length)
      assert.equal(atServer.digest(), digestOf(bytes))
      client.abort()
      server.abort()
    },
  },
  {
    name: 'a raw peer that reads slowly receives a large send completely, in partial sends',
    async run(context) {
      const port = context.openPort()
      const peer = await rawServer(context)
      const [client, socket] = await Promise.all([port.connect(peer.url), peer.next()])
      const closed = new Recorder()
      client.start(closed)
      const bytes = pattern(12 * MiB + 5)
      client.send(bytes)
      client.end()
      const chunks: Buffer[] = []
      const queueSizes = new Set<number>()
      await new Promise<void>((resolve) => {
        socket.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          queueSizes.add(client.queuedBytes)
          // One chunk a turn: the kernel's buffers stay full, and every send is a partial one.
          socket.pause()
          setImmediate(() => socket.resume())
        })
        socket.on('end', resolve)
        socket.resume()
      })
      assert.equal(digestOf(...chunks), digestOf(bytes))
      assert.ok(queueSizes.size > 2, `the queue went down in steps: ${queueSizes.size}`)
      socket.end()
      assert.equal(await closed.untilClose(context.signal), undefined)
    },
  },
  {
    name: 'bytes that arrived in many small parts during a pause are delivered in a few large chunks',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atServer = new Recorder({}, false)
      client.start(new Recorder())
      server.start(atServer)
      server.pause()
      const parts = 200
      for (let part = 0; part < parts; part++) {
        client.send(new Uint8Array(100))
        // Each on its own, so that a server that reads on would read it on its own.
        await client.drained()
        await new Promise((resolve) => setImmediate(resolve))
      }
      server.resume()
      await atServer.untilBytes(signal, parts * 100)
      // The smallest buffers that a port can have take ten of them each.
      assert.ok(atServer.dataCalls <= parts / 4, `it came in ${atServer.dataCalls} parts`)
      client.abort()
      server.abort()
    },
  },
]
