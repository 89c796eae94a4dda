import { memoryEventBus, memoryEventLog } from '@frameport/server'
import type { BrokerWorld } from '../broker-world.ts'

/** Servers of one thread. */
export const memoryWorld: BrokerWorld = {
  name: 'memory',
  neverAway: 'it is an object of this thread',
  async open() {
    const bus = memoryEventBus()
    const log = memoryEventLog()
    return { bus: async () => bus, log: async () => log, outage: undefined, close: async () => undefined }
  },
}
