import type { RoomQuestion, RoomTalk } from '../../support/room/program.ts'
import { partsOf } from '../profile/parts.ts'
import { nodeFlagsOfProfile, Perf } from '../profile/perf.ts'
import { profileTable } from '../profile/report.ts'
import { type Program, withPair } from '../program-pair.ts'
import { asMarkdown } from '../table.ts'

/** Samples the server of one contestant while its room talks, and reports how the CPU time of a delivery is distributed over its parts. */
export function profileRoom(program: Program, question: RoomQuestion): Promise<string> {
  return withPair(program, nodeFlagsOfProfile, async ({ server, client }) => {
    await client.ask(question as never)
    const perf = await Perf.attach(server)
    const before = server.cpuNs()
    const { deliveries } = (await client.ask(question as never)) as RoomTalk
    const usPerUnit = (server.cpuNs() - before) / deliveries / 1000
    const parts = partsOf(await perf.detach())
    const title = `${program.name}, server`
    return `### ${title}\n\n${asMarkdown(profileTable(title, 'delivery', { parts, usPerUnit }))}\n`
  })
}
