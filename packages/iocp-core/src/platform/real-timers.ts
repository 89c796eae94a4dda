import { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import timers from 'node:timers'
import { MessageChannel } from 'node:worker_threads'
import { emptyContext } from './callback-context.ts'

/*
 * Test runners replace timers by fakes, but a connection to a real peer must go on. Therefore this module reads everything that fakes replace
 * once, when it loads, from the modules of Node.js, which vitest and jest do not change. node:test and sinon change those, too. If that
 * happened before this module was loaded, it uses timers of sockets and messages instead, which nothing replaces.
 */

/** A timer that has been started. */
export interface RunningTimer {
  /** Stops the timer: its callback is not called any more. Idempotent. */
  cancel(): void
}

const { setTimeout, clearTimeout, setImmediate, clearImmediate } = timers
const timeoutsAreReal = isReal('Timeout', () => {
  const timeout = setTimeout(() => undefined, 1000)
  return () => clearTimeout(timeout)
})
const immediatesAreReal = isReal('Immediate', () => {
  const immediate = setImmediate(() => undefined)
  return () => clearImmediate(immediate)
})
const { queueMicrotask } = globalThis
const { nextTick } = process
const { now } = performance
const clockIsReal = moves(() => now.call(performance))
const settled = Promise.resolve()

/** The time of a clock that never goes back and that no fake stops, in milliseconds. */
export const nowMs: () => number = clockIsReal ? () => now.call(performance) : () => process.uptime() * 1000

/**
 * Calls back after `delayMs`, from 1 to 2^31 - 1, in the empty async context. The timer does not keep the process alive. The connection or
 * listener that it belongs to does.
 */
export function startTimer(delayMs: number, callback: () => void): RunningTimer {
  return emptyContext.runInAsyncScope(
    timeoutsAreReal ? startTimeout : startSocketTimer,
    undefined,
    delayMs,
    callback,
  )
}

/**
 * Calls back in the next turn of the event loop, in the empty async context. `holds`: keeps the process alive until then. (If `setImmediate` is
 * fake, a message is used. It always keeps the process alive, and does not wait for the other phases of the loop.)
 */
export function immediately(callback: () => void, holds: boolean): void {
  emptyContext.runInAsyncScope(immediatelyHere, undefined, callback, holds)
}

/** As {@link immediately}, for code that already runs in the empty async context. */
export const immediatelyHere: (callback: () => void, holds: boolean) => void = immediatesAreReal
  ? startImmediate
  : sendMessage

/** As `queueMicrotask`. */
export const inMicrotask: (callback: () => void) => void = isFake(queueMicrotask)
  ? (callback) => void settled.then(callback)
  : queueMicrotask

/** As `process.nextTick`, in the empty async context. (If `nextTick` is fake: in a microtask.) */
export function afterCallback(callback: () => void): void {
  emptyContext.runInAsyncScope(isFake(nextTick) ? inMicrotask : nextTick, process, callback)
}

/**
 * The real clock, timers and randomness for the packages above. Fake timers of a test runner do not stop them. Its shape is that of
 * `SessionEnvironment` in `@frameport/protocol`.
 */
export const realEnvironment = {
  /** The time of a clock that never goes back, in milliseconds. */
  nowMs,
  /** Calls back after a delay in milliseconds, from 1 to 2^31 − 1. The timer does not keep the process alive. */
  setTimer: startTimer,
  /** Calls back in the next turn of the event loop, and keeps the process alive until then: otherwise the callback would wait for I/O. */
  nextTurn: (callback: () => void): void => immediately(callback, true),
  /** A number from 0, inclusive, to 1, exclusive. */
  random: (): number => Math.random(),
} as const

/** An idle connection has one or two of them: a closure for each would take as much again. */
class RealTimeout implements RunningTimer {
  readonly #timeout: NodeJS.Timeout

  constructor(delayMs: number, callback: () => void) {
    this.#timeout = setTimeout(callback, delayMs).unref()
  }

  cancel(): void {
    clearTimeout(this.#timeout)
  }
}

function startTimeout(delayMs: number, callback: () => void): RunningTimer {
  return new RealTimeout(delayMs, callback)
}

function startSocketTimer(delayMs: number, callback: () => void): RunningTimer {
  const socket = new Socket()
  const cancel = () => void socket.setTimeout(0)
  socket.setTimeout(Math.max(1, delayMs), () => {
    cancel()
    callback()
  })
  return { cancel }
}

function startImmediate(callback: () => void, holds: boolean): void {
  const immediate = setImmediate(callback)
  if (!holds) immediate.unref()
}

let messages: { readonly post: () => void; readonly waiting: (() => void)[] } | undefined

/** All messages share one channel, which the first one opens in the empty context. */
function sendMessage(callback: () => void): void {
  messages ??= openChannel()
  messages.waiting.push(callback)
  messages.post()
}

function openChannel() {
  const waiting: (() => void)[] = []
  const { port1, port2 } = new MessageChannel()
  port1.on('message', () => {
    const callback = waiting.shift()
    if (waiting.length === 0) port1.unref()
    callback?.()
  })
  const post = () => {
    port1.ref()
    port2.postMessage(undefined)
  }
  return { post, waiting }
}

/** A fake starts nothing that the platform reports. If the platform has no such report, the function counts as real. */
function isReal(resource: string, start: () => () => void): boolean {
  const pending = () => process.getActiveResourcesInfo?.().filter((name) => name === resource).length ?? 0
  const before = pending()
  const stop = start()
  const during = pending()
  stop()
  return process.getActiveResourcesInfo === undefined || during > before
}

/** Fake timers of jest and vitest mark the functions that they install with the member `clock`. */
function isFake(given: unknown): boolean {
  return typeof given === 'function' && 'clock' in given
}

/** The real clock has nanoseconds, so a hundred readings are not all equal. */
function moves(read: () => number): boolean {
  const first = read()
  for (let look = 0; look < 100; look++) if (read() !== first) return true
  return false
}
