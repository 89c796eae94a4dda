import assert from 'node:assert/strict'
import { setMaxListeners } from 'node:events'
import { type BackendName, type CompletionPort, createCompletionPort, type Listener } from '../src/index.ts'
import type { ConformanceCase, ConformanceContext, Skip } from './conformance-case.ts'
import { allZero, eventually } from './support/eventually.ts'

export type CaseResult =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'skipped'; readonly reason: string }

const timeoutMsDefault = 20_000

/**
 * Runs one case on one back end. A case that the list of skips names must fail: when it passes, the result is a
 * failure that asks for the entry to be removed.
 *
 * @param timeScale stretches every time limit, for sanitizers and emulators.
 */
export async function runCase(
  conformanceCase: ConformanceCase,
  backend: BackendName,
  skips: readonly Skip[],
  timeScale = 1,
): Promise<CaseResult> {
  const impossible = await conformanceCase.cannotRun?.({ platform: process.platform, backend })
  if (impossible !== undefined) return { status: 'skipped', reason: impossible }
  const skip = skips.find(({ cases }) => cases.includes(conformanceCase.name))
  const result = await attempt(conformanceCase, backend, timeScale)
  if (skip === undefined) return result
  if (result.status === 'failed') return { status: 'skipped', reason: skip.reason }
  const error = new Error(`passes on ${backend}, so its entry in skips.ts ("${skip.reason}") must go`)
  return { status: 'failed', error }
}

async function attempt(
  conformanceCase: ConformanceCase,
  backend: BackendName,
  timeScale: number,
): Promise<CaseResult> {
  const timeoutMs = (conformanceCase.timeoutMs ?? timeoutMsDefault) * timeScale
  const timeUp = new AbortController()
  // 500 connections wait on it at once.
  setMaxListeners(0, timeUp.signal)
  const timer = setTimeout(() => timeUp.abort(new Error(`not done after ${timeoutMs} ms`)), timeoutMs)
  const opened: { port: CompletionPort; listeners: Listener[] }[] = []
  const cleanUps: (() => unknown)[] = []
  const context: ConformanceContext = {
    backend,
    platform: process.platform,
    signal: timeUp.signal,
    openPort(options) {
      const port = createCompletionPort({ ...options, backend })
      assert.equal(port.backend, backend)
      const listeners: Listener[] = []
      opened.push({ port, listeners })
      return recording(port, listeners)
    },
    cleanUp: (task) => cleanUps.push(task),
  }
  try {
    await beforeTimeUp(timeUp.signal, conformanceCase.run(context))
    if (conformanceCase.leavesOpen !== true) {
      for (const { port, listeners } of opened) {
        await Promise.all(listeners.map((listener) => listener.close()))
        await eventually(
          timeUp.signal,
          () => allZero(port.counters),
          () => `zero: ${JSON.stringify(port.counters)}`,
        )
      }
    }
    await beforeTimeUp(timeUp.signal, Promise.all(opened.map(({ port }) => port.close())))
    for (const { port } of opened)
      assert.ok(allZero(port.counters), `after close: ${JSON.stringify(port.counters)}`)
    return { status: 'passed' }
  } catch (error) {
    return { status: 'failed', error }
  } finally {
    clearTimeout(timer)
    for (const task of cleanUps.reverse()) await task()
    // A failed case must not hold up the run: what it left is closed, but not waited for.
    for (const { port } of opened) port.close().catch(() => undefined)
  }
}

/** Notes the listeners of a port, so that the end of a case can close them. */
function recording(port: CompletionPort, listeners: Listener[]): CompletionPort {
  const listen = port.listen.bind(port)
  port.listen = async (...args) => {
    const listener = await listen(...args)
    listeners.push(listener)
    return listener
  }
  return port
}

async function beforeTimeUp<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  let stop = () => {}
  const timeUp = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, timeUp])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
