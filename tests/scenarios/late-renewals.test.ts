import { type ClientOptions, createClient, safe } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { createSimNetwork } from '@frameport/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const office = contract('office', { version: 1, procedures: { who: procedure({ output: z.string() }) } })

/** A server that accepts certain tokens, and a client, over a network that a test can hold. */
async function started(auth: ClientOptions['auth']) {
  const network = createSimNetwork({ seed: 1, latencyMs: 5 })
  const { clock } = network
  const here = network.host('here')
  const there = network.host('there')
  const valid = new Set(['1'])
  const holderOf = (token: unknown) => {
    if (!valid.has(String(token))) throw new RpcError('UNAUTHENTICATED', 'The token is over.')
    return { token: String(token) }
  }
  const implementation = implement(office)
    .$context<{ token: string }>()
    .handlers({ who: ({ context }) => context.token })
  const server = createServer(implementation, {
    environment: there.environment,
    log: false,
    principal: () => 'ada',
    context: ({ hello }) => holderOf(hello.auth),
    renewContext: ({ auth: given }) => holderOf(given),
  })
  await server.listen(there.acceptor(1))
  const client = createClient(office, here.connector('there:1'), { environment: here.environment, auth })
  await clock.until(client.who())
  const renew = async (...given: [] | [string]) => {
    const { error } = await safe(client.$connection.renewAuth(...given))
    return [error === null || error === undefined ? 'taken' : (error as RpcError).code, clock.nowMs()]
  }
  const close = async () => {
    await clock.until(client.$close({ graceMs: 0 }))
    await clock.until(server.close({ graceMs: 0 }))
    expect(clock.leftOvers()).toEqual([])
  }
  const cut = () => network.connections.at(-1)?.cut('reset')
  const way = network.between(here, there)
  return { clock, client, valid, renew, way, cut, close }
}

describe('Credentials that a server does not answer in time', () => {
  test('are shown in the next hello if the connection was lost silently', async () => {
    const { clock, client, valid, renew, way, close } = await started('1')
    way.hold()
    valid.clear()
    valid.add('2')
    const atMs = clock.nowMs()
    expect(await clock.until(renew('2'))).toEqual(['DEADLINE_EXCEEDED', atMs + 10_000])
    expect(await clock.until(renew('2'))).toEqual(['DEADLINE_EXCEEDED', atMs + 20_000])
    await clock.advance(20_000)
    way.release()
    // A waiting call is sent before the session has the new credentials.
    await clock.until(client.who())
    await clock.advance(100)
    expect(await clock.until(client.who())).toBe('2')
    expect(client.$connection.state).toBe('open')
    await close()
  })

  test('are used after the server has accepted them, and shown in each later hello', async () => {
    const { clock, client, valid, renew, way, cut, close } = await started('1')
    valid.add('2')
    way.hold()
    expect((await clock.until(renew('2')))[0]).toBe('DEADLINE_EXCEEDED')
    way.release()
    await clock.advance(100)
    expect(await clock.until(client.who())).toBe('2')
    valid.delete('1')
    cut()
    expect(await clock.until(client.who())).toBe('2')
    await close()
  })

  test('are not shown after they were refused', async () => {
    const { clock, client, renew, way, cut, close } = await started('1')
    way.hold()
    expect((await clock.until(renew('2')))[0]).toBe('DEADLINE_EXCEEDED')
    way.release()
    await clock.advance(100)
    cut()
    expect(await clock.until(client.who())).toBe('1')
    expect(client.$connection.state).toBe('open')
    await close()
  })

  test('also end the wait of later renewals, and the newest credentials are sent next', async () => {
    const { clock, client, valid, renew, way, close } = await started('1')
    way.hold()
    for (const token of ['2', '3', '4']) valid.add(token)
    const atMs = clock.nowMs()
    const outcomes = await clock.until(Promise.all([renew('2'), renew('3'), renew('4')]))
    expect(outcomes).toEqual(Array(3).fill(['DEADLINE_EXCEEDED', atMs + 10_000]))
    way.release()
    await clock.advance(100)
    expect(await clock.until(client.who())).toBe('4')
    await close()
  })
})

test('renewals that wait for a function which never settles all fail at the same deadline', async () => {
  const { clock, client, renew, close } = await started(({ reason }) =>
    reason === 'connect' ? '1' : new Promise<string>(() => undefined),
  )
  const atMs = clock.nowMs()
  const outcomes = await clock.until(Promise.all([renew(), renew(), renew()]))
  expect(outcomes).toEqual(Array(3).fill(['DEADLINE_EXCEEDED', atMs + 10_000]))
  expect(await clock.until(client.who())).toBe('1')
  await close()
})
