import type { BrokerWorld } from '../broker-world.ts'
import { memoryWorld } from './memory.ts'
import { natsWorld } from './nats.ts'
import { sqliteWorld } from './sqlite.ts'
import { workersWorld } from './workers.ts'

/** All worlds, or those in `FRAMEPORT_TEST_WORLDS`. */
const named = process.env.FRAMEPORT_TEST_WORLDS?.split(',')

export const worlds: readonly BrokerWorld[] = [memoryWorld, workersWorld, sqliteWorld, natsWorld].filter(
  ({ name }) => named === undefined || named.includes(name),
)
