import { natsServerMissing } from '../../support/nats-server.ts'
import type { BrokerWorld } from '../broker-world.ts'
import { memoryWorld } from './memory.ts'
import { natsWorld } from './nats.ts'

/** All of them, or those that `FRAMEPORT_TEST_WORLDS` names. */
const named = process.env.FRAMEPORT_TEST_WORLDS?.split(',')

/** A machine without nats-server runs the others, unless it is said to have one. */
const hasNats = natsServerMissing === undefined || process.env.FRAMEPORT_REQUIRE_NATS !== undefined

export const worlds: readonly BrokerWorld[] = [memoryWorld, natsWorld].filter(
  (world) => (named === undefined || named.includes(world.name)) && (world !== natsWorld || hasNats),
)
