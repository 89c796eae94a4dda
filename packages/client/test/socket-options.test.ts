import { createClient, safe } from '@frameport/client'
import { tcp } from '@frameport/client/tcp'
import type { CompletionPort } from '@frameport/iocp-core'
import { contract, procedure } from '@frameport/protocol'
import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'

const tiny = contract('tiny', { version: 1, procedures: { ping: procedure({}) } })
const url = 'tcp://127.0.0.1:5500'

/** A port that records how it was asked to connect, and does not connect. */
function askedPort() {
  const asked: { readonly endpoint: unknown; readonly options: Record<string, unknown> }[] = []
  const completionPort = {
    listen: () => undefined,
    close: () => undefined,
    connect: async (endpoint: unknown, { signal: _, ...options }: Record<string, unknown>) => {
      asked.push({ endpoint, options })
      throw new Error('not today')
    },
  } as unknown as CompletionPort
  return { asked, completionPort }
}

const given = { noDelay: false, keepAliveIdleMs: 5_000, resetOnClose: true }

describe('the options of a socket', () => {
  it.each([
    ['all', given],
    ['none', {}],
    ['one', { noDelay: true }],
  ])('are passed to the port unchanged, with the time to connect: %s', async (_, options) => {
    const { asked, completionPort } = askedPort()
    const environment = createVirtualClock()
    const limits = { connectTimeoutMs: 700 }
    const clients = [
      createClient(tiny, url, { ...options, completionPort, environment, limits }),
      createClient(tiny, tcp(url, { ...options, completionPort }), { environment, limits }),
    ]
    for (const client of clients) {
      const { error } = await safe(client.ping())
      expect(error?.message).toBe(`Could not connect to ${url}: not today`)
    }
    const endpoint = { kind: 'tcp', host: '127.0.0.1', port: 5500 }
    const asking = { endpoint: expect.objectContaining(endpoint), options: { ...options, timeoutMs: 700 } }
    expect(asked).toEqual([asking, asking])
  })

  it('are passed with a unix socket as well, given as a url or as an endpoint', async () => {
    const { asked, completionPort } = askedPort()
    const environment = createVirtualClock()
    for (const target of ['unix:///run/x.sock', { kind: 'unix', path: '/run/x.sock' } as const]) {
      const { error } = await safe(createClient(tiny, target, { completionPort, environment }).ping())
      expect(error?.message).toContain('not today')
    }
    const asking = expect.objectContaining({ endpoint: { kind: 'unix', path: '/run/x.sock' } })
    expect(asked).toEqual([asking, asking])
  })

  it.each([1_000, 32_767_000])('may contain a keepAliveIdleMs of %i', (keepAliveIdleMs) => {
    expect(tcp(url, { keepAliveIdleMs }).url).toBe(url)
  })
})
