import { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import timers from 'node:timers'
import { MessageChannel } from 'node:worker_threads'
import { emptyContext } from './callback-context.ts'

/*
 * Test runners put fakes in the place of timers, and a connection whose peer is real must not stop with them. So
 * everything of the platform that fakes replace is taken here, once, when the module loads: from the modules of node,
 * which vitest and jest leave alone. node:test and sinon reach into those, too. Where that has happened before this
 * module was loaded, timers of sockets and messages serve: nothing of those is replaced.
 */

export interface RunningTimer {
  /** After it the callback is not called. Idempotent. */
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

/** Milliseconds of a clock that never goes back and that no fake stops. */
export const nowMs: () => number = clockIsReal ? () => now.call(performance) : () => process.uptime() * 1000

/**
 * Calls back after `delayMs`, 1 to 2^31 - 1, in the empty async context. The timer does not keep the process alive:
 * whatever it watches over does.
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
 * Calls back once the loop has gone round, in the empty async context. `holds`: keeps the process alive until then.
 * (With a fake in its place: by a message, which always holds it, and which does not let others go first.)
 */
export function immediately(callback: () => void, holds: boolean): void {
  emptyContext.runInAsyncScope(immediatelyHere, undefined, callback, holds)
}

/** As {@link immediately}, for who runs in the empty async context already and would enter it for nothing. */
export const immediatelyHere: (callback: () => void, holds: boolean) => void = immediatesAreReal
  ? startImmediate
  : sendMessage

/** As `queueMicrotask`. */
export const inMicrotask: (callback: () => void) => void = isFake(queueMicrotask)
  ? (callback) => void settled.then(callback)
  : queueMicrotask

/** As `process.nextTick`, in the empty async context. (With a fake in its place: in a microtask.) */
export function afterCallback(callback: () => void): void {
  emptyContext.runInAsyncScope(isFake(nextTick) ? inMicrotask : nextTick, process, callback)
}

/**
 * For the layers above: a clock and timers that no fake stops, and randomness. The timers keep no process alive: the
 * connections and listeners that they watch over do. `nextTurn` keeps it alive for that turn: an immediate that does not
 * would wait for I/O. It has the shape of protocol's `SessionEnvironment`.
 */
export const realEnvironment = {
  nowMs,
  setTimer: startTimer,
  nextTurn: (callback: () => void): void => immediately(callback, true),
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

/** One channel for all of them, made in the empty context by the first. */
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

/** A fake starts nothing that the platform knows of. Where the platform does not say, it is taken for real. */
function isReal(resource: string, start: () => () => void): boolean {
  const pending = () => process.getActiveResourcesInfo?.().filter((name) => name === resource).length ?? 0
  const before = pending()
  const stop = start()
  const during = pending()
  stop()
  return process.getActiveResourcesInfo === undefined || during > before
}

/** The mark that fake timers (those of jest and vitest) leave on what they put in the place of a function. */
function isFake(given: unknown): boolean {
  return typeof given === 'function' && 'clock' in given
}

/** Its clock has nanoseconds: a hundred readings are not all the same. */
function moves(read: () => number): boolean {
  const first = read()
  for (let look = 0; look < 100; look++) if (read() !== first) return true
  return false
}
