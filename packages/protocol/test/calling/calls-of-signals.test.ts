import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { CallsOfSignals } from '../../src/calling/calls-of-signals.ts'

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

describe('a signal that many calls share', () => {
  it('has one listener, from the first call to the last', () => {
    const { signal } = new AbortController()
    const calls = new CallsOfSignals()
    const cancels = Array.from({ length: 50 }, () => () => undefined)
    for (const cancel of cancels) calls.add(signal, cancel)
    expect(listenersOf(signal)).toBe(1)
    for (const cancel of cancels.slice(1)) calls.remove(signal, cancel)
    expect(listenersOf(signal)).toBe(1)
    calls.remove(signal, cancels[0]!)
    expect(listenersOf(signal)).toBe(0)
    calls.add(signal, cancels[0]!)
    expect(listenersOf(signal)).toBe(1)
  })

  it('cancels each open call once, in the order in which they were made', () => {
    const controller = new AbortController()
    const { signal } = controller
    const calls = new CallsOfSignals()
    const cancelled: number[] = []
    const cancels = [0, 1, 2, 3].map((number) => () => {
      cancelled.push(number)
      // A call that settles removes itself from its signal, and may settle another call.
      calls.remove(signal, cancels[number]!)
      if (number === 1) calls.remove(signal, cancels[2]!)
    })
    for (const cancel of cancels) calls.add(signal, cancel)
    calls.remove(signal, cancels[0]!)
    controller.abort()
    expect(cancelled).toEqual([1, 3])
    expect(listenersOf(signal)).toBe(0)
  })

  it('has one listener for all clients, until the last of their calls has settled', () => {
    const controller = new AbortController()
    const { signal } = controller
    const cancelled: string[] = []
    const clients = Array.from({ length: 20 }, (_, index) => ({
      calls: new CallsOfSignals(),
      cancel: () => void cancelled.push(`${index}`),
    }))
    for (const { calls, cancel } of clients) calls.add(signal, cancel)
    expect(listenersOf(signal)).toBe(1)
    for (const { calls, cancel } of clients.slice(2)) calls.remove(signal, cancel)
    controller.abort()
    expect(cancelled).toEqual(['0', '1'])
    expect(listenersOf(signal)).toBe(0)
  })
})
