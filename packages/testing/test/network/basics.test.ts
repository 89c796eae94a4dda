import { expect, it } from 'vitest'
import { assertQuiet } from '../../src/index.ts'
import { concat, patterned } from '../recorder.ts'
import { even, joined, recorded } from './support.ts'

it('carries bytes in order, both ways, and closes in order', async () => {
  const both = await joined({})
  const { network, client, server } = both
  const { atClient, atServer } = recorded(both)
  client.send(patterned(200_000))
  server.send(patterned(100_000))
  client.end()
  await network.clock.advance(1_000)
  server.end()
  await network.clock.advance(1_000)
  expect(concat(atServer.chunks)).toEqual(patterned(200_000))
  expect(concat(atClient.chunks)).toEqual(patterned(100_000))
  expect(atServer.events.slice(-2)).toEqual(['end', 'close'])
  expect(atClient.events.slice(-2)).toEqual(['end', 'close'])
  expect([atClient.closeError, atServer.closeError]).toEqual([undefined, undefined])
  expect(network.connections).toEqual([])
  expect(network.leftOvers()).toEqual(['b listens at sim://b:5500'])
  assertQuiet(network.clock)
})

it('kills a process', async () => {
  const both = await joined(even)
  const { network, a, b, client, server } = both
  const { atClient, atServer } = recorded(both)
  server.send(patterned(10))
  b.kill()
  await network.clock.advance(100)
  expect(server.send(patterned(1))).toBe('closed')
  expect(atServer.events).toEqual([])
  expect(atClient.events.at(-1)).toBe('close')
  expect(atClient.closeError).toMatchObject({ code: 'CONNECTION_RESET' })
  b.start()
  expect(a.state).toBe('running')
  expect(client.send(patterned(1))).toBe('closed')
  assertQuiet(network.clock, network)
})
