import type { Connection } from '../contract/connection.ts'
import { limits } from '../limits.ts'

/**
 * The copying reader of a connection. Holds at most about `limits.iteratorQueueBytes` for a slow loop, then
 * pauses the connection, so that the peer waits. Leaving the loop aborts the connection.
 */
export function iterateChunks(connection: Connection): AsyncIterator<Uint8Array> {
  const chunks: Uint8Array[] = []
  const waiting: { resolve(result: IteratorResult<Uint8Array>): void; reject(error: Error): void }[] = []
  let bytes = 0
  let paused = false
  let finished = false
  let failure: Error | undefined

  const settleWaiting = () => {
    for (const waiter of waiting.splice(0)) {
      if (failure === undefined) waiter.resolve({ done: true, value: undefined })
      else {
        waiter.reject(failure)
        failure = undefined
      }
    }
  }
  connection.start({
    data(lent) {
      const chunk = lent.slice()
      const waiter = waiting.shift()
      if (waiter !== undefined) return waiter.resolve({ done: false, value: chunk })
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= limits.iteratorQueueBytes.default && !paused) {
        paused = true
        connection.pause()
      }
    },
    end() {
      finished = true
      settleWaiting()
    },
    drain() {},
    close(error) {
      // After the peer's end an error only concerns what was being sent; the reader has had all there was.
      if (!finished) failure = error
      finished = true
      settleWaiting()
    },
  })

  return {
    next() {
      const chunk = chunks.shift()
      if (chunk !== undefined) {
        bytes -= chunk.length
        if (paused && bytes === 0) {
          paused = false
          connection.resume()
        }
        return Promise.resolve({ done: false, value: chunk })
      }
      if (failure !== undefined) {
        const error = failure
        failure = undefined
        return Promise.reject(error)
      }
      if (finished) return Promise.resolve({ done: true, value: undefined })
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    return() {
      chunks.length = 0
      failure = undefined
      finished = true
      connection.abort()
      settleWaiting()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
}
