import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { CompletionPort, Connection, ConnectionSink, Listener } from '../../src/index.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { text } from '../support/bytes.ts'
import { eventually } from '../support/eventually.ts'
import { pair } from '../support/pair.ts'
import { Recorder } from '../support/recorder.ts'

const tenants = ['north', 'south', 'west'] as const
const connectionsEach = 4
const callsTotal = 10_000
/** Every so many calls of a connection: a burst that drains, and a visit that connects, looks up and closes. */
const burstEvery = 50

const ask = text('?')
const answer = text('!')
const filler = text('.'.repeat(8192))
/** More than a kernel takes at once for a peer that has not read yet: what is left has to drain. */
const flood = text('.'.repeat(256 * 1024))

const count = (bytes: Uint8Array, wanted: Uint8Array) => bytes.filter((byte) => byte === wanted[0]).length

/** Whose context each kind of callback ran in. */
class Contexts {
  readonly storage = new AsyncLocalStorage<string>()
  readonly seen = new Map<string, number>()
  readonly foreign = new Map<string, number>()

  /** Notes one callback that belongs to `owner`; to nobody without one. */
  note(kind: string, owner: string | undefined): void {
    this.seen.set(kind, (this.seen.get(kind) ?? 0) + 1)
    const store = this.storage.getStore()
    if (store === owner) return
    const what = `${kind} of ${owner ?? 'nobody'} ran as ${store ?? 'nobody'}`
    this.foreign.set(what, (this.foreign.get(what) ?? 0) + 1)
  }

  sink(side: string, owner: string | undefined, hooks: Partial<ConnectionSink>): ConnectionSink {
    return {
      data: (chunk) => {
        this.note(`${side} data`, owner)
        hooks.data?.(chunk)
      },
      end: () => {
        this.note(`${side} end`, owner)
        hooks.end?.()
      },
      drain: () => this.note(`${side} drain`, owner),
      close: (error) => {
        this.note(`${side} close`, owner)
        hooks.close?.(error)
      },
    }
  }
}

/** Sends more than the kernel takes, whatever it takes: what is left has to drain. */
function fill(connection: Connection): void {
  for (let sent = 0; sent < 64; sent++) if (connection.send(flood) === 'full') return
}

/** Answers each question, and a flood with what drains. Returns what was accepted. */
async function serve(
  port: CompletionPort,
  contexts: Contexts,
): Promise<{ listener: Listener; accepted: Set<Connection> }> {
  const accepted = new Set<Connection>()
  const listener = await port.listen('tcp://localhost:0', (connection) => {
    contexts.note('accept', undefined)
    accepted.add(connection)
    connection.start(
      contexts.sink('accepted', undefined, {
        data(chunk) {
          const asked = count(chunk, ask)
          for (let sent = 0; sent < asked; sent++) connection.send(answer)
          if (chunk.length > filler.length + 1) fill(connection)
          else if (chunk.length > 1) connection.send(filler)
        },
        end: () => connection.end(),
        close: () => accepted.delete(connection),
      }),
    )
  })
  return { listener, accepted }
}

/** One connection of a tenant: `ask` settles when its answer is there. */
async function caller(port: CompletionPort, url: string, contexts: Contexts, tenant: string) {
  const connection = await port.connect(url)
  contexts.note('connect', tenant)
  let answered = () => {}
  const closed = new Promise<void>((resolve) => {
    const data = (chunk: Uint8Array) => {
      for (let left = count(chunk, answer); left > 0; left--) answered()
    }
    connection.start(contexts.sink('connected', tenant, { data, close: () => resolve() }))
  })
  return {
    connection,
    call: (behind?: Uint8Array) =>
      new Promise<void>((resolve) => {
        answered = resolve
        connection.send(behind === undefined ? ask : [ask, behind])
        if (behind === flood) fill(connection)
      }),
    async leave() {
      connection.end()
      await closed
    },
  }
}

export const contextCases: readonly ConformanceCase[] = [
  {
    name: 'of 10,000 interleaved calls of three tenants no callback runs in the async context of another',
    timeoutMs: 60_000,
    async run({ openPort }) {
      const contexts = new Contexts()
      const { storage } = contexts
      const port = storage.run('the opener', () =>
        openPort({ sendQueueHighBytes: 4096, sendQueueLowBytes: 1024 }),
      )
      const { listener, accepted } = await storage.run('the listener', () => serve(port, contexts))

      const visit = async (tenant: string, calls: number) => {
        const visitor = await caller(port, listener.url.replace('127.0.0.1', 'localhost'), contexts, tenant)
        for (let made = 0; made < calls; made++) {
          const burst = calls > 1 && made === 0 ? flood : filler
          await visitor.call(made % burstEvery === 0 ? burst : undefined)
          // A stranger who sends, pauses and resumes leaves nothing of its own behind.
          const [stranger] = accepted
          stranger?.send(filler.subarray(0, 16))
          stranger?.pause()
          stranger?.resume()
          accepted.delete(stranger!)
          accepted.add(stranger!)
          if (made % burstEvery === 1 && calls > 1) await visit(tenant, 1)
        }
        await visitor.leave()
      }
      const callsEach = Math.ceil(callsTotal / tenants.length / connectionsEach)
      await Promise.all(
        tenants.flatMap((tenant) =>
          Array.from({ length: connectionsEach }, () => storage.run(tenant, () => visit(tenant, callsEach))),
        ),
      )
      await storage.run('the closer', () => listener.close())
      assert.deepEqual([...contexts.foreign], [])
      for (const side of ['accepted', 'connected']) {
        for (const kind of ['data', 'end', 'drain', 'close']) {
          assert.ok(
            (contexts.seen.get(`${side} ${kind}`) ?? 0) > 0,
            `no ${kind} of a connection that was ${side}`,
          )
        }
      }
      assert.ok((contexts.seen.get('accepted data') ?? 0) >= callsTotal)
    },
  },
  {
    name: 'an async context that a callback enters is left when it returns',
    async run({ openPort, signal }) {
      const storage = new AsyncLocalStorage<string>()
      const port = openPort()
      const stores: (string | undefined)[] = []
      const ofClients: (string | undefined)[] = []
      const pairs = await storage.run('mine', async () => [await pair(port), await pair(port)])
      for (const [index, { client, server }] of pairs.entries()) {
        client.start(
          new Recorder({
            data() {
              ofClients.push(storage.getStore())
              storage.enterWith(`left by client ${index}`)
            },
          }),
        )
        server.start(
          new Recorder({
            data() {
              stores.push(storage.getStore())
              storage.enterWith(`left by ${index}`)
            },
          }),
        )
      }
      for (let round = 1; round <= 3; round++) {
        for (const { client, server } of pairs) {
          client.send(ask)
          server.send(ask)
        }
        await eventually(
          signal,
          () => stores.length >= 2 * round && ofClients.length >= 2 * round,
          () => 'all have their bytes',
        )
      }
      assert.deepEqual([...new Set(stores)], [undefined])
      assert.deepEqual([...new Set(ofClients)], ['mine'])
      for (const { client, server } of pairs) {
        client.abort()
        server.abort()
      }
    },
  },
]
