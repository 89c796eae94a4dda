import type { ConnectOptions } from '../contract/completion-port.ts'
import type { Driver, DriverConnection } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { endpointUrl } from '../endpoint/parse-endpoint.ts'
import { resolveEndpoint } from '../endpoint/resolve-host.ts'
import { IocpError } from '../iocp-error.ts'
import { nowMs, startTimer } from '../platform/real-timers.ts'

/** A timer that is this late shows that the process was held up or stopped. */
const heldUpMs = 100

/** The time that such a process has to read what arrived in between. */
const catchUpMs = 1_000

/** Timers of the attempts, counted while they run. */
export interface TimerCount {
  timers: number
}

/**
 * Tries each address of an endpoint in turn. They share the time: an address that swallows its SYNs gets only
 * part of the rest.
 *
 * @throws the caller's abort reason, or IocpError; if every address failed, with the first failure as its cause.
 */
export async function connectToAny(
  driver: Driver,
  endpoint: Endpoint,
  options: ConnectOptions,
  timeoutMs: number,
  signal: AbortSignal,
  count: TimerCount,
): Promise<DriverConnection> {
  const deadline = nowMs() + timeoutMs
  const limit = { timeoutMs, text: `${timeoutMs} ms` }
  const addresses = await withinTime(limit, signal, count, endpoint, (inner) =>
    resolveEndpoint(endpoint, inner),
  )
  const failures: IocpError[] = []
  for (const [index, address] of addresses.entries()) {
    const left = Math.max(1, (deadline - nowMs()) / (addresses.length - index))
    const text = addresses.length === 1 ? limit.text : `${Math.round(left)} of ${timeoutMs} ms`
    const share = { timeoutMs: left, text }
    try {
      return await withinTime(share, signal, count, address, (inner) =>
        driver.connect(address, options, inner),
      )
    } catch (error) {
      if (signal.aborted) throw error
      failures.push(IocpError.from(error, 'connect', endpointUrl(address)))
    }
  }
  const [first] = failures
  if (first === undefined) throw new IocpError('HOST_NOT_FOUND', { detail: endpointUrl(endpoint) })
  if (failures.length === 1) throw first
  const tried = addresses.map(endpointUrl).join(', ')
  throw new IocpError(first.code, {
    detail: `connect ${endpointUrl(endpoint)} failed at every address (${tried})`,
    cause: first,
    ...(first.systemCode === undefined ? {} : { systemCode: first.systemCode }),
  })
}

/** Runs one step under a timeout and the caller's signal, both of which abort the step's own signal. */
export async function withinTime<Result>(
  { timeoutMs, text }: { readonly timeoutMs: number; readonly text: string },
  signal: AbortSignal,
  count: TimerCount,
  endpoint: Endpoint,
  step: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted()
  const inner = new AbortController()
  const abort = () => inner.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  count.timers++
  const late = () => {
    const detail = `connect ${endpointUrl(endpoint)} (${text})`
    inner.abort(new IocpError('CONNECT_TIMEOUT', { detail }))
  }
  const dueAtMs = nowMs() + timeoutMs
  let timer = startTimer(timeoutMs, () => {
    // If the process was stopped, the answer may be in the kernel, and is read only after the timers.
    if (nowMs() - dueAtMs < heldUpMs) late()
    else timer = startTimer(Math.min(timeoutMs, catchUpMs), late)
  })
  try {
    return await step(inner.signal)
  } catch (error) {
    // An aborted driver reports only the abort; the signal has the reason.
    throw inner.signal.aborted ? inner.signal.reason : error
  } finally {
    timer.cancel()
    count.timers--
    signal.removeEventListener('abort', abort)
  }
}
