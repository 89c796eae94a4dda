import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Draw } from '../../../../tests/support/draw.ts'
import { killAppenders } from './kill-appenders.ts'

/**
 * `npm run kills [-- times]`: kills appending processes, with both durabilities, and with few and many events in
 * flight.
 */
const times = Number(process.argv[2] ?? 50)
const seed = Date.now() % 1_000_000
const draw = new Draw(seed)
const ways = (['power', 'process'] as const).flatMap((durability) =>
  [1, 64].map((inFlight) => ({ durability, inFlight })),
)

for (const [index, way] of ways.entries()) {
  const folder = mkdtempSync(join(tmpdir(), 'frameport-kills-'))
  const kills = Math.floor((times + index) / ways.length)
  const { confirmed, unconfirmed } = await killAppenders({ folder, kills, draw, ...way })
  rmSync(folder, { recursive: true })
  const { durability, inFlight } = way
  process.stdout.write(
    `${durability}, ${inFlight} in flight, killed ${kills} times: all ${confirmed} confirmed events are there, in order, once (and ${unconfirmed} of those in flight)\n`,
  )
}
process.stdout.write(`seed ${seed}\n`)
