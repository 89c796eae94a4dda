import { bytes, contract, event, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { createTestClient } from '@frameport/testing/client'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const news = contract('news', {
  version: 1,
  procedures: { listen: procedure({}) },
  events: {
    any: event(z.any()),
    count: event(z.number()),
    picture: event(bytes()),
    named: event(z.any(), { topic: z.string() }),
  },
})
const { any, count, picture, named } = news.events
const implementation = implement(news).handlers({
  listen({ connection }) {
    connection.subscribe(any)
    connection.subscribe(count)
    connection.subscribe(picture)
    connection.subscribe(named, 'here')
  },
})

const cycle: { self?: unknown } = {}
cycle.self = cycle
const unreadable = Object.defineProperty({}, 'name', {
  enumerable: true,
  get() {
    throw new Error('from the getter')
  },
})

type Published = (publish: (...args: never[]) => unknown) => unknown
const payloads: readonly [string, Published, string][] = [
  ['a Date', (publish) => publish(any as never, new Date(0) as never), 'INVALID_BODY'],
  ['NaN in an object', (publish) => publish(any as never, { at: [1, Number.NaN] } as never), 'INVALID_BODY'],
  ['a bigint', (publish) => publish(any as never, 1n as never), 'INVALID_BODY'],
  ['a Map', (publish) => publish(any as never, new Map() as never), 'INVALID_BODY'],
  ['a cycle', (publish) => publish(any as never, cycle as never), 'INVALID_BODY'],
  ['a getter that throws', (publish) => publish(any as never, unreadable as never), 'INVALID_BODY'],
  [
    'a toJSON that returns undefined',
    (publish) => publish(any as never, { toJSON() {} } as never),
    'INVALID_BODY',
  ],
  [
    'a function as the payload of an event with topics',
    (publish) => publish(named as never, 'here' as never, (() => 1) as never),
    'INVALID_BODY',
  ],
  ['a string in place of a number', (publish) => publish(count as never, 'x' as never), 'INVALID_PAYLOAD'],
  ['a string in place of bytes', (publish) => publish(picture as never, 'x' as never), 'INVALID_PAYLOAD'],
]

describe.each([{}, { validateOutputs: false }])(
  'A payload that cannot be sent, with the options %j,',
  (server) => {
    it.each(payloads)(
      '%s, is refused in the same way with and without a subscriber',
      async (_, published, code) => {
        await using client = createTestClient(implementation, { server })
        const publish = client.$server.publish.bind(client.$server) as (...args: never[]) => unknown
        const failure = () => {
          try {
            published(publish)
          } catch (error) {
            return error as Error & { readonly code: string }
          }
          return undefined
        }
        const alone = failure()
        await client.listen()
        const heard = failure()
        expect([alone?.name, alone?.code, alone?.message]).toEqual([heard?.name, heard?.code, heard?.message])
        // Data that a schema refuses may still be valid JSON.
        if (!('validateOutputs' in server)) expect(alone).toMatchObject({ code })
        else if (code === 'INVALID_BODY') expect(alone).toMatchObject({ code })
      },
    )
  },
)

it('a valid payload reaches no client without subscribers', async () => {
  await using client = createTestClient(implementation)
  for (const payload of [
    undefined,
    null,
    {
      at: new (class {
        x = 1
      })(),
    },
    { toJSON: () => 'said' },
  ])
    expect(client.$server.publish(any, payload)).toMatchObject({ reached: 0 })
  expect(client.$server.publish(picture, new Uint8Array(3))).toMatchObject({ reached: 0 })
})
