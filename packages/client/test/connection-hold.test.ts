import { type CreateClientOptions, createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { expect, it, onTestFinished } from 'vitest'

const tiny = contract('tiny', { version: 1, procedures: { ping: procedure({}) } })

/** An in-memory end that records the calls of ref() and unref(). */
function notedEnd() {
  const clock = createVirtualClock()
  const { a } = createMemoryPair({ clock })
  const calls: string[] = []
  const end = Object.assign(a, {
    ref(this: unknown) {
      calls.push(this === end ? 'ref' : 'ref of another')
    },
    unref(this: unknown) {
      calls.push(this === end ? 'unref' : 'unref of another')
    },
  })
  const options: CreateClientOptions = { environment: clock }
  const closing = (client: { $close(options: object): Promise<void> }) =>
    onTestFinished(() => clock.until(client.$close({ graceMs: 0 })))
  return { clock, end, calls, options, closing }
}

it('$unref and $ref of a client call those of the connection that it was given', () => {
  const { end, calls, options, closing } = notedEnd()
  const client = createClient(tiny, end, options)
  closing(client)
  expect(calls).toEqual([])
  client.$unref()
  client.$ref()
  expect(calls).toEqual(['unref', 'ref'])
})

it('$ref before there is a connection cancels an earlier $unref', async () => {
  const { clock, end, calls, options, closing } = notedEnd()
  let give: (connection: typeof end) => void = () => undefined
  const connect = () => new Promise<typeof end>((resolve) => (give = resolve))
  const client = createClient(tiny, { url: 'test:', connect }, options)
  closing(client)
  client.$unref()
  client.$ref()
  give(end)
  await clock.settle()
  expect(calls).toEqual([])
})

it('$unref before there is a connection is applied to the connection later', async () => {
  const { clock, end, calls, options, closing } = notedEnd()
  let give: (connection: typeof end) => void = () => undefined
  const connect = () => new Promise<typeof end>((resolve) => (give = resolve))
  const client = createClient(tiny, { url: 'test:', connect }, options)
  closing(client)
  client.$unref()
  expect(calls).toEqual([])
  give(end)
  await clock.settle()
  expect(calls).toEqual(['unref'])
})

it('a connection without ref() and unref() is left alone', () => {
  const clock = createVirtualClock()
  const { a } = createMemoryPair({ clock })
  const client = createClient(tiny, Object.assign(a, { ref: 'no function' }), { environment: clock })
  client.$unref()
  client.$ref()
  expect(client.$connection.state).toBe('connecting')
  return clock.until(client.$close({ graceMs: 0 }))
})
