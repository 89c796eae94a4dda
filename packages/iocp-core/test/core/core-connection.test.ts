import { describe, expect, test } from 'vitest'
import { type DriverConnection, type DriverEvents, sendRefused } from '../../src/contract/driver.ts'
import { CoreConnection } from '../../src/core/core-connection.ts'
import { emptyContext } from '../../src/platform/callback-context.ts'

/** A driver whose completions come when the test says so, also in orders that a kernel rarely produces. */
class ScriptedConnection implements DriverConnection {
  readonly localEndpoint = { kind: 'unix', path: 'scripted' } as const
  readonly remoteEndpoint = { kind: 'unix', path: 'scripted' } as const
  declare events: DriverEvents
  readonly calls: string[] = []
  ownedBytes = 0

  receiveStart(): void {
    this.calls.push('receiveStart')
  }

  receiveStop(): void {
    this.calls.push('receiveStop')
  }

  refuses = false

  send(_parts: readonly Uint8Array[], bytes: number): number {
    if (this.refuses) return sendRefused
    this.ownedBytes += bytes
    return this.ownedBytes
  }

  /** How many bytes of an offer the system takes. */
  room = 0
  offers = 0

  offer(): number {
    this.offers += 1
    if (this.refuses) return sendRefused
    this.ownedBytes = Math.max(0, this.ownedBytes - this.room)
    return this.ownedBytes
  }

  shutdown(): void {
    this.calls.push('shutdown')
  }

  ref(): void {
    this.calls.push('ref')
  }

  unref(): void {
    this.calls.push('unref')
  }

  close(reset: boolean): void {
    this.calls.push(reset ? 'close with reset' : 'close')
  }
}

function scripted() {
  const driver = new ScriptedConnection()
  const told: string[] = []
  let closedCount = 0
  const connection = new CoreConnection(driver, 1, {
    backend: 'net',
    sendQueueHighBytes: 100,
    sendQueueLowBytes: 10,
    poisonLentBytes: false,
    resetOnClose: false,
    context: emptyContext,
    onClosed: () => closedCount++,
  })
  const sink = {
    data: (chunk: Uint8Array) => void told.push(`data ${chunk.length}`),
    end: () => void told.push('end'),
    drain: () => void told.push('drain'),
    close: (error?: Error) => void told.push(`close ${error?.message}`),
  }
  return { driver, connection, sink, told, closedCount: () => closedCount }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a send that would be over the high watermark', () => {
  test('returns full only if the system has no room for the gathered bytes', () => {
    const { driver, connection, sink } = scripted()
    connection.start(sink)
    driver.room = 100
    expect(connection.send(new Uint8Array(100))).toBe('queued')
    expect(driver.offers).toBe(0)
    expect(connection.send(new Uint8Array(100))).toBe('queued')
    expect(connection.queuedBytes).toBe(100)
    expect(connection.send(new Uint8Array(100))).toBe('queued')
    driver.room = 0
    expect(connection.send(new Uint8Array(1))).toBe('full')
    expect(driver.offers).toBe(3)
  })

  test('returns closed if the system refuses it', () => {
    const { driver, connection, sink } = scripted()
    connection.start(sink)
    connection.send(new Uint8Array(100))
    driver.offer = () => sendRefused
    expect(connection.send(new Uint8Array(1))).toBe('closed')
    expect(connection.send(new Uint8Array(1))).toBe('closed')
  })
})

describe('the end of the peer', () => {
  test('waits for resume if the connection is paused, and is reported once', async () => {
    const { driver, connection, sink, told } = scripted()
    connection.start(sink)
    connection.pause()
    driver.events.receivedEnd()
    driver.events.receivedEnd()
    expect(told).toEqual([])
    connection.resume()
    expect(told).toEqual([])
    await turn()
    connection.pause()
    connection.resume()
    await turn()
    expect(told).toEqual(['end'])
    expect(driver.calls).toEqual(['receiveStart', 'receiveStop'])
  })

  test('closes the connection only when this side has ended too and its queue is empty', () => {
    const { driver, connection, sink } = scripted()
    connection.start(sink)
    connection.send(new Uint8Array(50))
    connection.end()
    driver.events.receivedEnd()
    expect(driver.calls).toEqual(['receiveStart', 'shutdown'])
    driver.events.sendProgress(0)
    expect(driver.calls.at(-1)).toBe('close')
  })
})

describe('close', () => {
  test('is reported once even if the driver repeats it, and nothing follows it', () => {
    const { driver, connection, sink, told, closedCount } = scripted()
    connection.start(sink)
    driver.events.closed(new Error('reset'))
    driver.events.closed(new Error('again'))
    connection.abort(new Error('late'))
    expect(told).toEqual(['close reset'])
    expect(closedCount()).toBe(1)
    expect(driver.calls).toEqual(['receiveStart'])
  })

  test('keeps the reason of an abort, and late completions are ignored', () => {
    const { driver, connection, sink, told } = scripted()
    connection.start(sink)
    connection.send(new Uint8Array(200))
    connection.abort(new Error('mine'))
    driver.events.received(new Uint8Array(5))
    driver.events.receivedEnd()
    driver.events.sendProgress(0)
    driver.events.closed(new Error('the system’s'))
    expect(told).toEqual(['close mine'])
    expect(driver.calls).toEqual(['receiveStart', 'close with reset'])
  })

  test('is reported after start has returned, if it came before start', async () => {
    const { driver, connection, sink, told } = scripted()
    driver.events.closed(new Error('early'))
    connection.start(sink)
    expect(told).toEqual([])
    await turn()
    expect(told).toEqual(['close early'])
    expect(driver.calls).toEqual([])
  })
})

describe('a send that the driver refuses', () => {
  test('returns closed, as do all later ones, and the close has the reason although both sides have ended', () => {
    const { driver, connection, sink, told } = scripted()
    connection.start(sink)
    driver.events.receivedEnd()
    driver.refuses = true
    expect(connection.send(new Uint8Array(50))).toBe('closed')
    driver.refuses = false
    expect(connection.send(new Uint8Array(50))).toBe('closed')
    connection.end()
    expect(driver.calls).not.toContain('close')
    driver.events.closed(new Error('reset'))
    expect(told).toEqual(['end', 'close reset'])
  })
})

describe('the watermarks', () => {
  test.each([
    [100, 'queued'],
    [101, 'full'],
    [100_000, 'full'],
  ] as const)('%i bytes queued at a high watermark of 100 give %s', (bytes, verdict) => {
    const { connection } = scripted()
    expect(connection.send(new Uint8Array(bytes))).toBe(verdict)
  })

  test('drain is called once per full, at the low watermark and not before', () => {
    const { driver, connection, sink, told } = scripted()
    connection.start(sink)
    connection.send(new Uint8Array(200))
    driver.events.sendProgress(11)
    expect(told).toEqual([])
    driver.events.sendProgress(10)
    driver.events.sendProgress(0)
    expect(told).toEqual(['drain'])
  })

  test('drained waits for the low watermark even if no send was full', async () => {
    const { driver, connection } = scripted()
    connection.send(new Uint8Array(50))
    let settled = false
    const drained = connection.drained().then(() => {
      settled = true
    })
    driver.events.sendProgress(11)
    await turn()
    expect(settled).toBe(false)
    driver.events.sendProgress(10)
    await drained
  })
})
