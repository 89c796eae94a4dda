import { contract, event, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { createTestClient } from '@frameport/testing/client'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const looks: unknown[] = []
const Room = z.object({ room: z.string() }).refine((topic) => looks.push(topic) > 0)
const news = contract('news', {
  version: 1,
  procedures: { enter: procedure({ input: z.unknown() }), leave: procedure({ input: z.unknown() }) },
  events: { line: event(z.string(), { topic: Room }), bell: event(z.string()) },
})
const { line, bell } = news.events
const wrong = { room: 5 } as unknown as { room: string }
const lobby = { room: 'lobby' }
const refused = expect.objectContaining({
  code: 'INVALID_TOPIC',
  message: expect.stringContaining('the topic of news/line is not valid at room'),
})

function connected(server: { readonly validateOutputs?: boolean } = {}) {
  const implementation = implement(news).handlers({
    enter: ({ connection, input }) => connection.subscribe(line, input as { room: string }),
    leave: ({ connection, input }) => connection.unsubscribe(line, input as { room: string }),
  })
  return createTestClient(implementation, { server })
}

describe('A topic that does not match its schema', () => {
  it('is refused by publish, emit, subscribe and $on, and makes no subscription', async () => {
    await using client = connected()
    await client.$connection.opened()
    const [connection] = client.$server.connections
    expect(() => client.$server.publish(line, wrong, 'x')).toThrow(refused)
    expect(() => connection?.emit(line, wrong, 'x')).toThrow(refused)
    expect(() => connection?.subscribe(line, wrong)).toThrow(refused)
    expect(() => client.$on('line', wrong, () => undefined)).toThrow(refused)
    await expect(client.enter(wrong)).rejects.toMatchObject({ code: 'INTERNAL', cause: refused })
    expect(client.$server.stats().topics).toBe(0)
  })

  it('is sent without validation of outputs, and refused by functions that subscribe', async () => {
    await using client = connected({ validateOutputs: false })
    await client.$connection.opened()
    const [connection] = client.$server.connections
    expect(client.$server.publish(line, wrong, 'x').reached).toBe(0)
    expect(connection?.emit(line, wrong, 'x')).toBeUndefined()
    expect(() => connection?.subscribe(line, wrong)).toThrow(refused)
  })

  it('may be given to unsubscribe, which has no effect', async () => {
    await using client = connected()
    await client.leave(wrong)
    expect(client.$server.stats().topics).toBe(0)
  })
})

it('publish does not check a topic with subscribers again', async () => {
  await using client = connected()
  await client.enter(lobby)
  looks.length = 0
  expect(client.$server.publish(line, lobby, 'x').reached).toBe(1)
  expect(looks).toEqual([])
  expect(client.$server.publish(line, { room: 'empty' }, 'x').reached).toBe(0)
  expect(looks).toEqual([{ room: 'empty' }])
})

it('an event without topics needs no topic', async () => {
  await using client = connected()
  expect(client.$server.publish(bell, 'x').reached).toBe(0)
})
