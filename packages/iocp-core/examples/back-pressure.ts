import { setImmediate as turn } from 'node:timers/promises'
import { createCompletionPort } from '@frameport/iocp-core'

const port = createCompletionPort({ sendQueueHighBytes: 512 * 1024, sendQueueLowBytes: 128 * 1024 })
const block = new Uint8Array(64 * 1024)
const blocks = 512

// The producer sends until the verdict is `full`, and goes on when the queue has drained.
const listener = await port.listen('tcp://127.0.0.1:0', async (connection) => {
  connection.start({ data() {}, end() {}, drain() {}, close() {} })
  let queuedMost = 0
  let waits = 0
  for (let count = 0; count < blocks; count++) {
    const verdict = connection.send(block)
    queuedMost = Math.max(queuedMost, connection.queuedBytes)
    if (verdict === 'closed') return
    if (verdict === 'full') {
      waits++
      await connection.drained()
    }
  }
  connection.end()
  console.log('the producer waited:', waits > 0) //> the producer waited: true
  console.log('never far over the watermark:', queuedMost <= 512 * 1024 + block.length) //> never far over the watermark: true
})

// The consumer is slow: one turn of the event loop for every chunk. Nothing piles up on either side.
const connection = await port.connect(listener.url)
let received = 0
for await (const chunk of connection) {
  received += chunk.length
  await turn()
}
console.log('all arrived:', received === blocks * block.length) //> all arrived: true
connection.end()
await port.close()
