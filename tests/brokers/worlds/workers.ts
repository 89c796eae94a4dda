import { MessageChannel } from 'node:worker_threads'
import { memoryEventLog } from '@frameport/server'
import { ServedLogs, WorkerBus, WorkerLogs } from '@frameport/server/workers'
import type { BrokerWorld } from '../broker-world.ts'

/**
 * The communication between workers of a pool, in one thread: the same ports, and a log that the main thread would
 * have.
 */
export const workersWorld: BrokerWorld = {
  name: 'workers',
  neverAway: 'threads of one process are never away from each other',
  async open() {
    const buses: WorkerBus[] = []
    const logs: { close(): void }[] = []
    const lines = memoryEventLog()
    return {
      async bus() {
        const bus = new WorkerBus()
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
        const ofWorker = new WorkerLogs(port2)
        logs.push(ofWorker, new ServedLogs({ lines }, port1))
        return ofWorker.log('lines')
      },
      outage: undefined,
      async close() {
        for (const one of [...buses, ...logs]) one.close()
      },
    }
  },
}
