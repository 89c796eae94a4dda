import type { BrokerWorld } from '../broker-world.ts'
import { memoryWorld } from './memory.ts'
import { natsWorld } from './nats.ts'
import { sqliteWorld } from './sqlite.ts'
import { workersWorld } from './workers.ts'

/** All of them, or those that `FRAMEPORT_TEST_WORLDS` names. */
const named = process.env.FRAMEPORT_TEST_WORLDS?.split(',')

export const worlds: readonly BrokerWorld[] = [memoryWorld, workersWorld, sqliteWorld, natsWorld].filter(
  ({ name }) => named === undefined || named.includes(name),
)
