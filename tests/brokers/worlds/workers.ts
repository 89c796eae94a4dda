import { MessageChannel } from 'node:worker_threads'
import { memoryEventLog } from '@frameport/server'
import { workerLimits } from '@frameport/server/workers'
import { WorkerBus } from '../../../packages/server/src/workers/bus/worker-bus.ts'
import { ServedLogs } from '../../../packages/server/src/workers/log/served-logs.ts'
import { WorkerLogs } from '../../../packages/server/src/workers/log/worker-logs.ts'
import type { BrokerWorld } from '../broker-world.ts'

/** What workers of a pool have between them, in one thread: the same ports, and a log that the main thread would have. */
export const workersWorld: BrokerWorld = {
  name: 'workers',
  neverAway: 'threads of one process are never away from each other',
  async open() {
    const buses: WorkerBus[] = []
    const logs: { close(): void }[] = []
    const lines = memoryEventLog()
    return {
      async bus() {
        const bus = new WorkerBus({
          limits: workerLimits,
          fellBehind: () => undefined,
        })
        for (const [worker, other] of buses.entries()) {
          const { port1, port2 } = new MessageChannel()
          other.connect({ worker: buses.length, port: port1, interests: bus.interests })
          bus.connect({ worker, port: port2, interests: other.interests })
        }
        buses.push(bus)
        return bus
      },
      async log() {
        const { port1, port2 } = new MessageChannel()
        const ofWorker = new WorkerLogs(port2, workerLimits)
        logs.push(ofWorker, new ServedLogs({ lines }, port1, workerLimits))
        return ofWorker.log('lines')
      },
      outage: undefined,
      async close() {
        for (const one of [...buses, ...logs]) one.close()
      },
    }
  },
}
