import type { ByteStream } from '@frameport/framing'
import { TestingError } from '../testing-error.ts'
import { checkedAddress } from './check-sim-options.ts'
import type { ConnectAttempt, Connection } from './sim-connection.ts'
import type { SimProcess } from './sim-process.ts'
import type { SimConnector } from './sim-types.ts'

/**
 * The connector of one process. Once the process is dead, `connect` does nothing and never settles.
 *
 * @param knock starts a connect
 * @throws TestingError `INVALID_OPTION`
 */
export function simConnector(
  process: SimProcess,
  address: string,
  knock: (host: string, port: number, attempt: ConnectAttempt) => Connection,
): SimConnector {
  const { host, port } = checkedAddress(address)
  const url = `sim://${host}:${port}`
  return {
    url,
    connect: ({ signal, timeoutMs }) =>
      new Promise((resolve, reject) => {
        if (process.isDead) return
        if (signal.aborted) {
          reject(signal.reason)
          return
        }
        let isOver = false
        const over = () => {
          isOver = true
          timer.cancel()
          signal.removeEventListener('abort', aborted)
        }
        const giveUp = (reason: unknown) => {
          if (isOver) return
          over()
          connection.giveUp()
          reject(reason)
        }
        const aborted = () => giveUp(signal.reason)
        const connectTimeout = () =>
          giveUp(new TestingError('CONNECT_TIMEOUT', `${url} did not answer within ${timeoutMs} ms.`))
        const timer = process.environment.setTimer(timeoutMs, connectTimeout)
        signal.addEventListener('abort', aborted)
        const connection = knock(host, port, {
          process,
          connected(stream: ByteStream) {
            // The callback may have waited, longer than the timeout, while the process was suspended.
            if (isOver) stream.abort()
            else {
              over()
              resolve(stream)
            }
          },
          failed(error) {
            if (isOver) return
            over()
            reject(error)
          },
        })
      }),
  }
}
