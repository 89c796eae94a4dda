import { createClient, safe } from '@frameport/client'
import type { FrameChannel, Payload } from '@frameport/framing'
import { createServer } from '@frameport/server'
import { createMemoryChannels, createVirtualClock } from '@frameport/testing'
import { expect, it } from 'vitest'
import { lab } from './lab-contract.ts'
import { createLab } from './lab-handlers.ts'

/** The same channel with some other members, like the adapter of a user. */
function changed(channel: FrameChannel, members: Partial<FrameChannel>): FrameChannel {
  return new Proxy(channel, {
    get(target, name) {
      if (name in members) return Reflect.get(members, name)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  })
}

function stage() {
  const clock = createVirtualClock()
  const channels = createMemoryChannels({ clock })
  const server = createServer(createLab().implementation, {
    context: () => ({ user: 'guest' }),
    environment: clock,
  })
  return { clock, channels, server }
}

it('a call over a broken channel has the failure of the channel as its cause', async () => {
  const { clock, channels, server } = stage()
  const { a } = channels
  const thrown = new Error('DataCloneError')
  let broken = false
  const send = (payload: Payload) => {
    if (broken) throw thrown
    return a.send(payload)
  }
  server.accept(channels.b)
  const client = createClient(lab, changed(a, { send }), { environment: clock })
  await clock.until(client.nothing())
  broken = true
  const { error } = await clock.until(safe(client.nothing()))
  expect(error).toMatchObject({
    code: 'UNAVAILABLE',
    message: 'the connection ended (ABORTED): send of its channel threw: DataCloneError',
    cause: thrown,
  })
  await clock.until(server.close())
})

it('items flow over a channel that never calls drain', async () => {
  const { clock, channels, server } = stage()
  const { b } = channels
  const withoutDrain: FrameChannel['start'] = (sink) =>
    b.start({
      frame: (payload) => sink.frame(payload),
      received: () => sink.received?.(),
      invalid: (error) => sink.invalid?.(error),
      end: () => sink.end?.(),
      close: (error) => sink.close?.(error),
    })
  const send = (payload: Payload) => (b.send(payload) === 'closed' ? 'closed' : 'full')
  server.accept(changed(b, { start: withoutDrain, send }))
  const client = createClient(lab, channels.a, { environment: clock })
  const items: number[] = []
  await clock.until(
    (async () => {
      for await (const item of client.count({ to: 200 })) items.push(item)
    })(),
  )
  expect(items).toHaveLength(200)
  await clock.until(client.$close())
  await clock.until(server.close())
})
