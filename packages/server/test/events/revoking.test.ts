import { contract, event, procedure, type RpcError } from '@frameport/protocol'
import { type EventBus, implement, memoryEventLog, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureOf, type Joined, type Opened, opened } from '../support/joined.ts'
import { joinReturning } from '../support/returning.ts'

const room = contract('room', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { line: event(z.any(), { subscribe: 'clients', topic: z.string() }) },
})
const { line } = room.events
const name = 'room@1/line'

/** A bus that delivers nothing, and the topics for which the server listens. */
function bus(ready?: Promise<void>) {
  const listened = new Set<string>()
  const eventBus: EventBus = {
    join: () => ({
      publish: () => undefined,
      listen: ({ topic }) => {
        listened.add(topic)
        return ready
      },
      ignore: ({ topic }) => void listened.delete(topic),
      leave: () => undefined,
    }),
  }
  return { eventBus, listened }
}

async function open(options: Partial<ServerOptions<object>> = {}) {
  const stage = opened(implement(room).handlers({ ping: () => undefined }), {
    authorizeSubscribe: () => true,
    ...options,
  } as never)
  const ended: unknown[] = []
  const client = await joinReturning(stage, {
    handlers: { subscriptionEnded: (callId, { code }) => void ended.push([callId, code]) },
  })
  return { stage, client, ended, quiet: () => quiet(stage) }
}

/** Waits until no operation is pending. */
async function quiet({ settle, clock }: Opened): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await settle()
    clock.advance(0)
  }
}

const seenBy = ({ seen }: Joined) =>
  seen.map((each) => ('gap' in each ? 'gap' : (each.body as { readonly value: unknown }).value))

describe('A subscription that the server revokes', () => {
  it('ends immediately, and the client that made it is informed once', async () => {
    const { stage, client, ended, quiet } = await open()
    await client.subscribe(name, '"a"')
    client.connection.revoke(line, 'a')
    client.connection.revoke(line, 'a')
    expect(stage.server.publish(line, 'a', 1).reached).toBe(0)
    await quiet()
    expect([seenBy(client), ended, client.connection.subscriptions]).toEqual([
      [],
      [[1, 'PERMISSION_DENIED']],
      0,
    ])
    await client.subscribe(name, '"a"')
    expect(stage.server.publish(line, 'a', 2).reached).toBe(1)
  })

  it('ends for handlers, too, and a client that did not subscribe is not informed', async () => {
    const { client, ended, quiet } = await open()
    client.connection.subscribe(line, 'a')
    client.connection.revoke(line, 'a')
    client.connection.revoke(line, 'never')
    expect(client.connection.subscriptions).toBe(0)
    client.connection.subscribe(line, 'b')
    await client.subscribe(name, '"b"')
    client.connection.revoke(line, 'b')
    await quiet()
    expect([client.connection.subscriptions, ended]).toEqual([0, [[1, 'PERMISSION_DENIED']]])
  })

  it('is refused while authorizeSubscribe decides, whatever the decision is', async () => {
    const decisions: { signal: AbortSignal; settle(answer: boolean | Error): void }[] = []
    const { client, ended, quiet } = await open({
      authorizeSubscribe: ({ signal }: { signal: AbortSignal }) =>
        new Promise<boolean>((resolve, reject) => {
          decisions.push({
            signal,
            settle: (answer) => (typeof answer === 'boolean' ? resolve(answer) : reject(answer)),
          })
        }),
    } as never)
    for (const answer of [true, false, new Error('hook')]) {
      const failure = failureOf(client.subscribe(name, '"a"'))
      await quiet()
      client.connection.revoke(line, 'a')
      const { signal, settle } = decisions.at(-1)!
      expect(signal.reason).toMatchObject({ code: 'PERMISSION_DENIED' })
      settle(answer)
      expect(await failure).toMatchObject({ code: 'PERMISSION_DENIED' })
    }
    expect([ended, client.connection.subscriptions]).toEqual([[], 0])
  })

  it('is refused while the bus starts to listen, and the bus stops', async () => {
    let begin: () => void = () => undefined
    const { eventBus, listened } = bus(
      new Promise((resolve) => {
        begin = resolve
      }),
    )
    const { client, ended, quiet } = await open({ eventBus })
    const failure = failureOf(client.subscribe(name, '"a"'))
    await quiet()
    expect([...listened]).toEqual(['"a"'])
    client.connection.revoke(line, 'a')
    expect([...listened]).toEqual([])
    begin()
    expect(await failure).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(ended).toEqual([])
  })

  it('is reported to a detached client when it resumes, and no later event is sent', async () => {
    const { stage, client, ended, quiet } = await open()
    await client.subscribe(name, '"a"')
    await client.cut()
    client.connection.revoke(line, 'a')
    stage.server.publish(line, 'a', 1)
    expect(ended).toEqual([])
    await client.comeBack()
    await quiet()
    expect([client.resumes, ended, seenBy(client)]).toEqual([1, [[1, 'PERMISSION_DENIED']], []])
  })

  it('while the client unsubscribes ends once', async () => {
    const { client, ended, quiet } = await open()
    await client.subscribe(name, '"a"')
    const givenBack = client.subscribe(name, '"a"', 'unsubscribe')
    client.connection.revoke(line, 'a')
    await givenBack
    await quiet()
    expect([ended, client.connection.subscriptions]).toEqual([[[1, 'PERMISSION_DENIED']], 0])
  })

  it('while the client unsubscribes and subscribes again does not end the new subscription', async () => {
    const { stage, client, ended } = await open()
    await client.subscribe(name, '"a"')
    const givenBack = client.subscribe(name, '"a"', 'unsubscribe')
    const again = client.subscribe(name, '"a"')
    client.connection.revoke(line, 'a')
    await Promise.all([givenBack, again])
    // The end belongs to the first call. The second call made another subscription.
    expect(ended).toEqual([[1, 'PERMISSION_DENIED']])
    expect(stage.server.publish(line, 'a', 1).reached).toBe(1)
  })

  it('ends while events are read from a log, also during the reading of a page', async () => {
    const inner = memoryEventLog()
    const waiting: (() => void)[] = []
    const log = {
      append: (entry: Parameters<typeof inner.append>[0]) => inner.append(entry),
      after: (query: Parameters<typeof inner.after>[0]) =>
        new Promise<never>((resolve) => {
          waiting.push(() => resolve(inner.after(query) as never))
        }),
    }
    const { stage, client, ended, quiet } = await open({
      eventLogs: [{ log, events: [line] }],
      limits: { logPageEvents: 2 },
    } as never)
    const first = await stage.server.publish(line, 'a', 0)
    expect(first).toBe(0)
    const { position } = stage.server.publish(line, 'a', 1)
    for (let number = 2; number < 8; number++) stage.server.publish(line, 'a', number)
    await client.subscribeAfter(name, '"a"', position)
    await quiet()
    waiting.shift()?.()
    await quiet()
    expect([seenBy(client), waiting.length]).toEqual([[2, 3], 1])
    client.connection.revoke(line, 'a')
    stage.server.publish(line, 'a', 8)
    waiting.shift()?.()
    await quiet()
    expect([seenBy(client), ended, waiting]).toEqual([[2, 3], [[1, 'PERMISSION_DENIED']], []])
  })

  it('is refused while its log still says where the events begin', async () => {
    const inner = memoryEventLog()
    let answer: () => void = () => undefined
    const log = {
      append: (entry: Parameters<typeof inner.append>[0]) => inner.append(entry),
      after: (query: Parameters<typeof inner.after>[0]) =>
        new Promise<never>((resolve) => {
          answer = () => resolve(inner.after(query) as never)
        }),
    }
    const { stage, client, quiet } = await open({ eventLogs: [{ log, events: [line] }] } as never)
    const failure: Promise<RpcError> = failureOf(client.subscribeAfter(name, '"a"'))
    await quiet()
    client.connection.revoke(line, 'a')
    answer()
    expect(await failure).toMatchObject({ code: 'PERMISSION_DENIED' })
    stage.server.publish(line, 'a', 1)
    await quiet()
    expect([seenBy(client), stage.server.stats().topics]).toEqual([[], 0])
  })

  it('does not continue from its log when the connection has room again', async () => {
    const { stage, client, ended, quiet } = await open({
      eventLogs: [{ log: memoryEventLog(), events: [line] }],
      limits: { slowSubscriberBytesMax: 4_000 },
    } as never)
    await client.subscribe(name, '"a"')
    client.channel.isFull = true
    const text = 'x'.repeat(1_000)
    for (let number = 0; number < 20; number++) stage.server.publish(line, 'a', `${number} ${text}`)
    client.connection.revoke(line, 'a')
    const before = client.seen.length
    client.channel.makeRoom()
    await quiet()
    expect(ended).toEqual([[1, 'PERMISSION_DENIED']])
    // Events that already wait in the connection are sent, but no further events of the log.
    expect(client.seen.length - before).toBeLessThan(6)
  })
})
