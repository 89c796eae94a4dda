import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { FromWorker, ToWorker, WorkerTask } from '../messages.ts'
import { LogStore } from './log-store.ts'
import { LogThread } from './log-thread.ts'
import { recover } from './recover.ts'
import { packError } from './sqlite-failure.ts'

/** The code that the thread of a log runs: see `start-worker.ts`. */
function main(task: WorkerTask): void {
  const port = parentPort
  if (port === null) return
  const tell = (message: FromWorker) => port.postMessage(message)
  try {
    if (task.kind === 'recovery') {
      tell({ kind: 'recovered', report: recover(task) })
      return
    }
    const store = new LogStore(task)
    const thread = new LogThread(store, task.limits, (message, transfer) =>
      port.postMessage(message, transfer),
    )
    port.on('message', (first: ToWorker) => {
      const messages = [first]
      // All messages that have arrived meanwhile are handled together.
      for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
        messages.push(next.message as ToWorker)
      }
      if (thread.handle(messages)) port.close()
    })
    tell({ kind: 'opened', log: store.id, last: store.last })
  } catch (error) {
    tell({ kind: 'not-opened', error: packError(error) })
  }
}

main(workerData as WorkerTask)
