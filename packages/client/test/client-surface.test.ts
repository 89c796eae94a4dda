import { ClientError, type Connector, createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'

const tiny = contract('tiny', { version: 1, procedures: { ping: procedure({}) } })
const refusal = (text: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) })

describe('a client', () => {
  it.each(['onUncaught', 'onInvalidEvent', 'onEventGap', 'onSubscribeFailed', 'onSilentListener'])(
    'is refused with a %s that is not a function, and the error names the option',
    (name) => {
      expect(() => createClient(tiny, createMemoryPair().a, { [name]: 5 })).toThrow(
        refusal(`${name} is 5, not a function`),
      )
    },
  )

  it('is refused with interceptors that cannot be read, and the error names the option', () => {
    const { proxy, revoke } = Proxy.revocable([], {})
    revoke()
    const throwing = new Proxy([], {
      get(target, name) {
        if (name === Symbol.iterator) throw new Error('no')
        return Reflect.get(target, name)
      },
    })
    for (const interceptors of [proxy, throwing]) {
      expect(() => createClient(tiny, createMemoryPair().a, { interceptors })).toThrow(
        refusal('interceptors'),
      )
    }
  })

  it('shows the address of its server: the url of its connector, or memory', async () => {
    const connect = () => new Promise<never>(() => undefined)
    const environment = createVirtualClock()
    const connecting = createClient(tiny, { url: 'pipe:x', connect }, { environment })
    const connected = createClient(tiny, createMemoryPair({ clock: environment }).a, { environment })
    expect([connecting, connected].map(({ $connection }) => $connection.remoteEndpoint)).toEqual([
      'pipe:x',
      'memory:',
    ])
    await environment.until(connecting.$close())
  })
})

it('the signal of a connector that did not connect in time has the failure as its reason', async () => {
  const clock = createVirtualClock()
  const reasons: unknown[] = []
  const connector: Connector = {
    url: 'pipe:x',
    connect({ signal }) {
      signal.addEventListener('abort', () => void reasons.push(signal.reason))
      return new Promise(() => undefined)
    },
  }
  const client = createClient(tiny, connector, { environment: clock, limits: { connectTimeoutMs: 300 } })
  const { error } = await clock.until(safe(client.ping()))
  expect(reasons).toEqual([error?.cause])
  expect(reasons).toMatchObject([{ message: 'it did not connect within 300 ms' }])
})

it('the text of a ClientError begins with its detail, and consists only of the detail for a wrong option', () => {
  expect(new ClientError('INVALID_OPTION', 'a is 5').message).toBe('a is 5.')
  expect(new ClientError('INVALID_LIMITS', 'did you mean b?').message).toBe('did you mean b?')
  expect(new ClientError('UNKNOWN_EVENT', 'a').message).toMatch(/^a: [A-Z]/)
  expect(new ClientError('UNKNOWN_EVENT', 'did you mean b?').message).toMatch(/^did you mean b\? [A-Z]/)
})

it('a ClientError without a cause has no property cause', () => {
  expect('cause' in new ClientError('INVALID_OPTION', 'a is 5')).toBe(false)
  const cause = new Error('why')
  expect(new ClientError('INVALID_OPTION', 'a is 5', { cause }).cause).toBe(cause)
})

it('safe rejects with an error that is not an RpcError', async () => {
  await expect(safe(Promise.reject(new TypeError('a mistake')) as never)).rejects.toThrow(TypeError)
})
