import { expect, it } from 'vitest'
import { Draw } from '../../../tests/support/draw.ts'
import { killAppenders } from './kills/kill-appenders.ts'
import { cleaningUp, newFolder } from './log-support.ts'

cleaningUp()

it.each([
  ['power', 1, 2],
  ['power', 64, 1],
  ['process', 64, 2],
] as const)(
  'with the durability %s and %i events in flight no confirmed event is lost when the process is killed',
  async (durability, inFlight, kills) => {
    const draw = new Draw(inFlight + kills)
    const report = await killAppenders({ folder: newFolder(), kills, durability, inFlight, draw })
    expect(report.confirmed).toBeGreaterThan(0)
  },
)
