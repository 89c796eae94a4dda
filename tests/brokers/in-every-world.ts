import { describe, test } from 'vitest'
import type { BrokerWorld, OpenWorld } from './broker-world.ts'
import { type Club, openClub } from './club.ts'
import { worlds } from './worlds/worlds.ts'

/** A test in every world. */
export function inEveryWorld(name: string, run: (club: Club) => Promise<void>): void {
  for (const world of worlds) {
    describe.skipIf(world.absent !== undefined)(titleOf(world, world.absent), () => {
      test(name, () => inClub(world, run))
    })
  }
}

/** A test in every world in which the broker can fail. */
export function inEveryOutage(
  name: string,
  run: (club: Club, outage: NonNullable<OpenWorld['outage']>) => Promise<void>,
): void {
  for (const world of worlds) {
    const reason = world.absent ?? world.neverAway
    describe.skipIf(reason !== undefined)(titleOf(world, reason), () => {
      test(name, () =>
        inClub(world, (club) => run(club, club.world.outage as NonNullable<OpenWorld['outage']>)),
      )
    })
  }
}

function titleOf({ name }: BrokerWorld, reason: string | undefined): string {
  return reason === undefined ? `in ${name}` : `in ${name} (skipped: ${reason})`
}

async function inClub(world: BrokerWorld, run: (club: Club) => Promise<void>): Promise<void> {
  await run(await openClub(world))
}
