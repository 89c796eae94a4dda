import { describe, expect, it } from 'vitest'
import { closeOnSignals } from '../../src/node.ts'
import { SignalClosing, type SignalClosingOptions } from '../../src/signals/signal-closing.ts'

const settle = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** A process and a server that record the calls of their methods. */
function told(options: Partial<SignalClosingOptions> = {}) {
  const listeners = new Map<string, (signal: NodeJS.Signals) => void>()
  const notes: unknown[] = []
  let closed: () => void = () => undefined
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve
  })
  const time = { nowMs: 0 }
  const line = (facts: { signal?: unknown; err?: unknown }, text: string) =>
    void notes.push([text.split(':')[0], facts.signal])
  const closing = new SignalClosing(
    {
      close: (given) => {
        notes.push(['close', given])
        return isClosed
      },
    },
    {
      signals: ['SIGTERM', 'SIGINT'],
      announceMs: undefined,
      graceMs: undefined,
      onClosed: (facts) => void notes.push(['onClosed', facts]),
      log: { info: () => undefined, error: line },
      ...options,
    },
    {
      pid: 7,
      on: (signal, listener) => listeners.set(signal, listener),
      off: (signal) => listeners.delete(signal),
      kill: (pid, signal) => void notes.push(['kill', pid, signal]),
    },
    () => time.nowMs,
  )
  const send = (signal: NodeJS.Signals, atMs: number) => {
    time.nowMs = atMs
    listeners.get(signal)?.(signal)
  }
  return { closing, listeners, notes, send, closed }
}

describe('A process that receives a signal to end', () => {
  it.each<[NodeJS.Signals, Partial<SignalClosingOptions>, object]>([
    ['SIGTERM', {}, { announceMs: 5_000, graceMs: undefined }],
    ['SIGINT', {}, { announceMs: 0, graceMs: undefined }],
    ['SIGTERM', { announceMs: 0, graceMs: 10 }, { announceMs: 0, graceMs: 10 }],
    ['SIGINT', { announceMs: 9 }, { announceMs: 9, graceMs: undefined }],
  ])(
    'such as %s with the options %o closes its server with %o, and ends by itself',
    async (signal, options, close) => {
      const { closing, listeners, notes, send, closed } = told(options)
      expect([closing.isClosing, listeners.size]).toEqual([false, 2])
      send(signal, 0)
      expect([closing.isClosing, listeners.size]).toEqual([true, 2])
      closed()
      await settle()
      expect(notes).toEqual([
        ['close', close],
        ['onClosed', { signal, isForced: false }],
      ])
      expect(listeners.size).toBe(0)
    },
  )

  it('twice closes its server without delay, calls onClosed, and then ends by the first signal', async () => {
    const { listeners, notes, send, closed } = told()
    send('SIGTERM', 0)
    send('SIGINT', 300)
    expect(listeners.size).toBe(0)
    closed()
    await settle()
    expect(notes.slice(1)).toEqual([
      ['close', { announceMs: 0, graceMs: 0 }],
      ['onClosed', { signal: 'SIGTERM', isForced: true }],
      ['kill', 7, 'SIGTERM'],
    ])
  })

  it('twice within 300 ms handles it once, because npm forwards signals that the terminal has already sent', async () => {
    const { notes, send, closed } = told()
    send('SIGINT', 0)
    send('SIGINT', 299)
    closed()
    await settle()
    expect(notes).toHaveLength(2)
  })

  it('again while onClosed runs, ends when onClosed has settled', async () => {
    let finish: () => void = () => undefined
    const { notes, send, closed } = told({
      onClosed: () =>
        new Promise<void>((resolve) => {
          finish = resolve
        }),
    })
    send('SIGTERM', 0)
    closed()
    await settle()
    send('SIGTERM', 1_000)
    await settle()
    expect(notes.at(-1)).toEqual(['close', { announceMs: 0, graceMs: 0 }])
    finish()
    await settle()
    expect(notes.at(-1)).toEqual(['kill', 7, 'SIGTERM'])
  })

  it('logs the error that onClosed throws', async () => {
    const { notes, send, closed, listeners } = told({ onClosed: () => Promise.reject(new Error('boom')) })
    send('SIGTERM', 0)
    closed()
    await settle()
    expect(notes.at(-1)).toEqual(['onClosed failed', undefined])
    expect(listeners.size).toBe(0)
  })

  it('removes its listeners when closeOnSignals is disposed of', () => {
    const { closing, listeners } = told()
    closing[Symbol.dispose]()
    closing[Symbol.dispose]()
    expect(listeners.size).toBe(0)
  })
})

describe('closeOnSignals', () => {
  const server = { close: async () => undefined }

  it('listens to the signals of this process until it is disposed of', () => {
    const before = process.listenerCount('SIGUSR2')
    const closing = closeOnSignals(server, { signals: ['SIGUSR2', 'SIGUSR2'] })
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1)
    closing[Symbol.dispose]()
    expect(process.listenerCount('SIGUSR2')).toBe(before)
  })

  it.each<[unknown, unknown, string]>([
    [server, { signals: 'SIGTERM' }, 'signals is not an array'],
    [server, { signals: ['TERM'] }, 'signals has "TERM", which is not a signal name on this system'],
    [server, { signals: ['SIGTERM', 'SIGWRONG'] }, 'signals has "SIGWRONG"'],
    [server, { signals: ['constructor'] }, 'signals has "constructor"'],
    [server, { signals: [15] }, 'signals has 15'],
    [server, { signals: ['SIGTERM', 'SIGKILL'] }, 'signals has SIGKILL, which a process cannot receive'],
    [server, { signals: ['SIGSTOP'] }, 'signals has SIGSTOP, which a process cannot receive'],
    [server, { announceMs: -1 }, 'announceMs is -1'],
    [server, { graceMs: Number.NaN }, 'graceMs is NaN'],
    [server, { onClosed: 5 }, 'onClosed is 5, not a function'],
    [server, { log: 5 }, 'log is 5'],
    [server, { signal: ['SIGTERM'] }, 'did you mean signals?'],
    [{}, {}, 'server'],
  ])('refuses invalid arguments: %o, %o', (given, options, text) => {
    const before = process.listenerCount('SIGTERM')
    expect(() => closeOnSignals(given as never, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) }),
    )
    expect(process.listenerCount('SIGTERM')).toBe(before)
  })
})
