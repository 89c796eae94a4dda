import { natsServerMissing } from '../../support/nats-server.ts'
import type { BrokerWorld } from '../broker-world.ts'
import { memoryWorld } from './memory.ts'
import { natsWorld } from './nats.ts'
import { sqliteWorld } from './sqlite.ts'
import { workersWorld } from './workers.ts'

/** All of them, or those that `FRAMEPORT_TEST_WORLDS` names. */
const named = process.env.FRAMEPORT_TEST_WORLDS?.split(',')

/** A machine without nats-server runs the others, unless it is said to have one. */
const hasNats = natsServerMissing === undefined || process.env.FRAMEPORT_REQUIRE_NATS !== undefined

export const worlds: readonly BrokerWorld[] = [memoryWorld, workersWorld, sqliteWorld, natsWorld].filter(
  (world) => (named === undefined || named.includes(world.name)) && (world !== natsWorld || hasNats),
)
