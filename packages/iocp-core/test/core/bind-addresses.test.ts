import { describe, expect, test } from 'vitest'
import type { DriverListener } from '../../src/contract/driver.ts'
import { bindAddresses } from '../../src/core/bind-addresses.ts'
import { type Endpoint, IocpError, limits } from '../../src/index.ts'

type Tcp = Endpoint & { readonly kind: 'tcp' }

const tcp = (host: string, port: number): Tcp => ({ kind: 'tcp', host, port })
const name = (port: number) => tcp('several.test', port)
const never = new AbortController().signal

/** A system that replaces port 0 by the next number from 40,000 on. `refuses` returns the error for an address. */
function system(refuses: (endpoint: Tcp) => string | undefined) {
  const open = new Set<string>()
  const asked: string[] = []
  let nextPort = 40_000
  const bind = async (wanted: Endpoint): Promise<DriverListener> => {
    const endpoint = wanted as Tcp
    const text = `${endpoint.host}:${endpoint.port}`
    asked.push(text)
    const systemCode = refuses(endpoint)
    if (systemCode !== undefined) throw IocpError.fromErrno(systemCode, 'listen', text)
    const bound = tcp(endpoint.host, endpoint.port === 0 ? nextPort++ : endpoint.port)
    open.add(`${bound.host}:${bound.port}`)
    return { endpoint: bound, close: async () => void open.delete(`${bound.host}:${bound.port}`) }
  }
  return { bind, open, asked }
}

describe('several addresses with port 0', () => {
  test('start again with another port if the first port is in use at one of them', async () => {
    const { bind, open, asked } = system(({ host, port }) =>
      host === 'b' && port < 40_002 ? 'EADDRINUSE' : undefined,
    )
    const { listeners } = await bindAddresses(name(0), [tcp('a', 0), tcp('b', 0)], bind, never)
    expect(listeners.map(({ endpoint }) => endpoint)).toEqual([tcp('a', 40_002), tcp('b', 40_002)])
    expect([...open]).toEqual(['a:40002', 'b:40002'])
    expect(asked).toEqual(['a:0', 'b:40000', 'a:0', 'b:40001', 'a:0', 'b:40002'])
  })

  test('fail with ADDRESS_IN_USE after the limit of tries, and nothing stays open', async () => {
    const { bind, open, asked } = system(({ host }) => (host === 'b' ? 'EADDRINUSE' : undefined))
    const binding = bindAddresses(name(0), [tcp('a', 0), tcp('b', 0)], bind, never)
    await expect(binding).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
    expect(asked.length).toBe(2 * limits.samePortTries.default)
    expect(open.size).toBe(0)
  })

  test('get the port of the first available address', async () => {
    const { bind, asked } = system(({ host }) => (host === 'a' ? 'EADDRNOTAVAIL' : undefined))
    const addresses = ['a', 'b', 'c'].map((host) => tcp(host, 0))
    const { skipped } = await bindAddresses(name(0), addresses, bind, never)
    expect(asked).toEqual(['a:0', 'b:0', 'c:40000'])
    expect(skipped).toMatchObject([{ endpoint: tcp('a', 0), error: { systemCode: 'EADDRNOTAVAIL' } }])
  })
})

test.each(['EADDRINUSE', 'EACCES', 'EMFILE'])(
  '%s at one address of a given port fails the listen immediately',
  async (code) => {
    const { bind, open, asked } = system(({ host }) => (host === 'b' ? code : undefined))
    const addresses = ['a', 'b', 'c'].map((host) => tcp(host, 80))
    await expect(bindAddresses(name(80), addresses, bind, never)).rejects.toMatchObject({ systemCode: code })
    expect(asked).toEqual(['a:80', 'b:80'])
    expect(open.size).toBe(0)
  },
)

test('a single unavailable address rejects with its own error', async () => {
  const { bind } = system(() => 'EADDRNOTAVAIL')
  const binding = bindAddresses(tcp('a', 80), [tcp('a', 80)], bind, never)
  const error: unknown = await binding.catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'ADDRESS_UNAVAILABLE' })
  expect(error).not.toHaveProperty('cause')
})

test('a port that closes between two binds closes the bound addresses', async () => {
  const controller = new AbortController()
  const reason = new IocpError('PORT_CLOSED')
  const { bind, open, asked } = system(() => {
    controller.abort(reason)
    return undefined
  })
  const addresses = [tcp('a', 0), tcp('b', 0)]
  await expect(bindAddresses(name(0), addresses, bind, controller.signal)).rejects.toBe(reason)
  expect(asked).toEqual(['a:0'])
  expect(open.size).toBe(0)
})
