import { afterEach, describe, expect, test } from 'vitest'
import { makeAuthority } from '../../../tests/support/certificates.ts'
import { type CompletionPort, createCompletionPort, type LimitName, limits } from '../src/index.ts'
import { listenTls } from '../src/tls.ts'

const opened: CompletionPort[] = []

function netPort(options: Parameters<typeof createCompletionPort>[0] = {}): CompletionPort {
  const port = createCompletionPort({ ...options, backend: 'net' })
  opened.push(port)
  return port
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((port) => port.close()))
})

const portOptions = ['sendQueueHighBytes', 'receiveBufferBytes'] as const

/** Values at both ends of the range, and values outside it. */
function edges(name: LimitName): { good: number[]; bad: number[] } {
  const { min, max } = limits[name]
  return {
    good: [min, max],
    bad: [min - 1, max + 1, max * 1000, -max, min + 0.5, Number.NaN, Number.POSITIVE_INFINITY],
  }
}

describe('options of a port', () => {
  test.each(portOptions)('%s', (name) => {
    for (const value of edges(name).good) netPort({ [name]: value })
    for (const value of edges(name).bad) {
      expect(() => netPort({ [name]: value })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
      expect(() => netPort({ [name]: value })).toThrow(name)
    }
  })

  test('sendQueueLowBytes, which is never over sendQueueHighBytes', () => {
    const high = 1000
    for (const low of [0, high]) netPort({ sendQueueHighBytes: high, sendQueueLowBytes: low })
    for (const low of [-1, high + 1, high * 1000]) {
      expect(() => netPort({ sendQueueHighBytes: high, sendQueueLowBytes: low })).toThrow('sendQueueLowBytes')
    }
  })

  test('workers, in its range and only on a back end that has workers', () => {
    for (const workers of edges('workers').bad) {
      expect(() => netPort({ workers })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    }
    for (const workers of edges('workers').good) {
      expect(() => netPort({ workers })).toThrow(expect.objectContaining({ code: 'OPTION_UNSUPPORTED' }))
    }
  })

  test('a small sendQueueHighBytes lowers sendQueueLowBytes too', () => {
    expect(() => netPort({ sendQueueHighBytes: 10 })).not.toThrow()
  })
})

describe('options of a listen', () => {
  test.each(['backlog', 'connectionsMax', 'keepAliveIdleMs'] as const)('%s', async (name) => {
    const port = netPort()
    const listen = (value: number) => port.listen('tcp://127.0.0.1:0', () => undefined, { [name]: value })
    for (const value of edges(name).good) await listen(value)
    for (const value of edges(name).bad) {
      await expect(listen(value)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  })
})

test('handshakeTimeoutMs of a listen with TLS', async () => {
  const port = netPort()
  const certificates = await (await makeAuthority('House')).issue('localhost')
  const listen = (handshakeTimeoutMs: number) =>
    listenTls(port, 'tls://127.0.0.1:0', () => undefined, { ...certificates, handshakeTimeoutMs })
  for (const value of edges('handshakeTimeoutMs').good) await listen(value)
  for (const value of edges('handshakeTimeoutMs').bad)
    await expect(listen(value)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

test('timeoutMs of a connect', async () => {
  const port = netPort()
  for (const timeoutMs of edges('connectTimeoutMs').bad) {
    const connecting = port.connect('tcp://127.0.0.1:1', { timeoutMs })
    await expect(connecting).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(connecting).rejects.toThrow('timeoutMs')
  }
  const longest = port.connect('tcp://127.0.0.1:1', { timeoutMs: limits.connectTimeoutMs.max })
  await expect(longest).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
})

test('every limit has a default within its range and a reason', () => {
  for (const { default: value, min, max, reason } of Object.values(limits)) {
    expect(value).toBeGreaterThanOrEqual(min)
    expect(value).toBeLessThanOrEqual(max)
    expect(reason).toMatch(/^.{20,}\.$/)
  }
})
