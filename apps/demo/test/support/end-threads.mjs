import { BroadcastChannel, isMainThread, workerData } from 'node:worker_threads'

/**
 * For `--import` of a server with worker threads: each line of its standard input is the index of a worker, whose
 * thread ends immediately, like after a fault.
 */
const orders = new BroadcastChannel('end-threads')
if (isMainThread) {
  process.stdin.setEncoding('utf8').on('data', (text) => {
    for (const index of text.trim().split('\n')) orders.postMessage(Number(index))
  })
  process.stdin.unref()
} else {
  orders.onmessage = ({ data }) => {
    if (data === workerData?.frameport?.index) process.exit(3)
  }
}
orders.unref()
