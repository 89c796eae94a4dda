import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type CompletionPort, createCompletionPort, type Listener } from '../../src/index.ts'

const addresses = vi.hoisted(() => ({ found: [] as { address: string; family: number }[] }))

// Only the resolver is a mock: the connects are real and go to addresses of the loopback network.
vi.mock('node:dns/promises', () => ({ lookup: () => Promise.resolve(addresses.found) }))

let port: CompletionPort
let listener: Listener

function urlOf(host: string): string {
  if (listener.endpoint.kind !== 'tcp') throw new Error('a tcp listener')
  return `tcp://${host}:${listener.endpoint.port}`
}

function resolveTo(...found: string[]): void {
  addresses.found = found.map((address) => ({ address, family: 4 }))
}

beforeEach(async () => {
  port = createCompletionPort({ backend: 'net' })
  listener = await port.listen('tcp://127.0.0.1:0', () => undefined)
})

afterEach(() => port.close())

describe('a host name', () => {
  test('connects to the first of several addresses that answers', async () => {
    resolveTo('127.0.0.2', '127.0.0.3', '127.0.0.1')
    const connection = await port.connect(urlOf('service'))
    expect(connection.remoteEndpoint).toEqual(listener.endpoint)
  })

  test('fails, if all addresses refuse, with every address in the text and the first failure as cause', async () => {
    resolveTo('127.0.0.2', '127.0.0.3')
    const connecting = port.connect(urlOf('service'))
    await expect(connecting).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      systemCode: 'ECONNREFUSED',
      message: expect.stringMatching(/service.*127\.0\.0\.2.*127\.0\.0\.3/),
      cause: { code: 'CONNECTION_REFUSED', message: expect.stringContaining('127.0.0.2') },
    })
    expect(port.counters).toMatchObject({ handles: 1, timers: 0 })
  })

  test('fails with HOST_NOT_FOUND if it has no address', async () => {
    resolveTo()
    await expect(port.connect(urlOf('service'))).rejects.toMatchObject({ code: 'HOST_NOT_FOUND' })
    await expect(port.listen('tcp://service:0', () => undefined)).rejects.toMatchObject({
      code: 'HOST_NOT_FOUND',
    })
  })
})

describe('while a name is looked up', () => {
  test('a timeout, a signal and the close of the port end the wait', async () => {
    addresses.found = new Promise(() => undefined) as never
    const url = urlOf('service')
    await expect(port.connect(url, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' })
    const controller = new AbortController()
    const aborted = port.connect(url, { signal: controller.signal })
    const closed = port.connect(url)
    const bound = port.listen('tcp://service:0', () => undefined)
    const settled = Promise.allSettled([aborted, closed, bound])
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    await port.close()
    const [, byClose, listening] = await settled
    expect(byClose).toMatchObject({ status: 'rejected', reason: { code: 'PORT_CLOSED' } })
    expect(listening).toMatchObject({ status: 'rejected', reason: { code: 'PORT_CLOSED' } })
    expect(port.counters.timers).toBe(0)
  })
})
