import { parentPort, workerData } from 'node:worker_threads'
import { Neighbours } from '../../../conformance/support/neighbours.ts'
import { createCompletionPort } from '../../../src/index.ts'

/* A worker thread that tries every way to post a chunk to its parent, also with a transfer of the chunk's buffer. */
const signal = AbortSignal.timeout(30_000)
const neighbours = await Neighbours.two(createCompletionPort({ backend: workerData.backend }), {
  data(chunk) {
    const { buffer } = chunk as Uint8Array<ArrayBuffer>
    attempt(() => {
      const moved = (buffer as { transfer?(): ArrayBuffer }).transfer?.()
      if (moved !== undefined) parentPort?.postMessage(new Uint8Array(moved), [moved])
    })
    attempt(() => parentPort?.postMessage(chunk, [buffer]))
    attempt(() => parentPort?.postMessage(chunk.slice()))
  },
})
for (;;) {
  neighbours.sendAll(1000)
  await neighbours.allArrived({ signal })
}

/** Ignores errors: the port promises that its buffer cannot be transferred. */
function attempt(post: () => void): void {
  try {
    post()
  } catch {}
}
