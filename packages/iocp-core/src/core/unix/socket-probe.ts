import type { Driver, DriverConnection } from '../../contract/driver.ts'
import { IocpError } from '../../iocp-error.ts'
import { limits } from '../../limits.ts'
import { type TimerCount, withinTime } from '../connect-attempts.ts'
import { shortName } from './short-name.ts'

export interface ProbeHost {
  readonly driver: Driver
  /** Aborted when the port closes. */
  readonly signal: AbortSignal
  readonly timerCount: TimerCount
}

/** `refused`: nobody listens at the socket, or it is gone. `unknown`: the system did not permit the connect. */
export type ProbeResult =
  | { readonly answer: 'listening' | 'refused' }
  | { readonly answer: 'unknown'; readonly error: IocpError }

/**
 * Tests by a connect whether somebody listens at a socket. The connection is closed at once, without a byte. A server that is
 * too busy to accept still listens: the kernel connects, or returns EAGAIN.
 *
 * @throws the reason of the signal
 */
export async function probeSocket(path: string, host: ProbeHost): Promise<ProbeResult> {
  const { driver, signal, timerCount } = host
  const short = shortName(path)
  const endpoint = { kind: 'unix', path: short.name } as const
  const timeoutMs = limits.unixProbeTimeoutMs.default
  const limit = { timeoutMs, text: `${timeoutMs} ms` }
  try {
    await closed(
      await withinTime(limit, signal, timerCount, endpoint, (inner) => driver.connect(endpoint, {}, inner)),
    )
    return { answer: 'listening' }
  } catch (error) {
    signal.throwIfAborted()
    const asked = IocpError.from(error, 'connect', `unix:${path}`)
    if (asked.code === 'CONNECTION_REFUSED') return { answer: 'refused' }
    return { answer: 'unknown', error: asked }
  } finally {
    short.release()
  }
}

function closed(connection: DriverConnection): Promise<void> {
  return new Promise((resolve) => {
    connection.events = {
      received() {},
      receivedEnd() {},
      sendProgress() {},
      closed: () => resolve(),
    }
    connection.close(false)
  })
}
