import { once } from 'node:events'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { ConformanceContext } from '../conformance-case.ts'

/**
 * A listener that never accepts: its thread sleeps, and its queue of one is filled here. Linux then drops the
 * SYNs of whoever comes next (tcp(7), tcp_abort_on_overflow), so that a connect neither succeeds nor fails.
 */
export async function silentEndpoint(
  context: Pick<ConformanceContext, 'cleanUp' | 'signal'>,
): Promise<string> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const server = require('node:net').createServer().listen(0, '127.0.0.1', 1, () => {
       parentPort.postMessage(server.address().port)
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
     })`,
    { eval: true },
  )
  context.cleanUp(() => worker.terminate())
  const [tcpPort] = await once(worker, 'message', { signal: context.signal })
  for (let filler = 0; filler < 8; filler++) {
    const socket = connect(Number(tcpPort), '127.0.0.1').on('error', () => undefined)
    context.cleanUp(() => socket.destroy())
  }
  await eventuallyFull(context, Number(tcpPort))
  return `tcp://127.0.0.1:${tcpPort}`
}

/** Until the kernel has stopped completing handshakes: a probe that does not connect within 300 ms. */
async function eventuallyFull(
  context: Pick<ConformanceContext, 'cleanUp' | 'signal'>,
  tcpPort: number,
): Promise<void> {
  for (;;) {
    const probe = connect(tcpPort, '127.0.0.1').on('error', () => undefined)
    context.cleanUp(() => probe.destroy())
    const connected = await once(probe, 'connect', { signal: AbortSignal.timeout(300) }).then(
      () => true,
      () => false,
    )
    if (!connected) return
    context.signal.throwIfAborted()
  }
}
