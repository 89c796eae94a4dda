import { memoryEventLog } from '@frameport/server'
import { expect, it } from 'vitest'
import { Draw } from '../../../../tests/support/draw.ts'
import { limits } from '../../src/limits.ts'
import type { SessionKey } from '../../src/server/roster/roster-change.ts'
import { join, type LinkedServer, linkedServers } from '../support/linked-servers.ts'
import { settled } from '../support/manual-clock.ts'

/** The files that can be taken, as a server sees them, with their numbers. */
const offersSeenBy = ({ link: { roster } }: LinkedServer) =>
  [...roster.rooms]
    .sort()
    .flatMap((room) =>
      roster.offers.in(room).map(({ facts }) => `${facts.file} ${facts.name} of ${facts.from} in ${room}`),
    )

let filesSeen = 0

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'servers that share a roster agree whatever happens (seed %i)',
  async (seed) => {
    const draw = new Draw(seed)
    const { start, seenBy, clock } = linkedServers(memoryEventLog({ limits: { topicEventsMax: 40 } }))
    const servers = [await start(), await start()]
    const sessions: { readonly server: LinkedServer; readonly by: string; readonly key: SessionKey }[] = []
    for (let step = 0; step < 300; step++) {
      const server = draw.pick(servers)
      const by = `person ${draw.int(0, 7)}`
      const move = draw.weighted({
        join: 8,
        leave: 3,
        away: 2,
        offer: 4,
        close: 2,
        time: 3,
        cut: 1,
        still: 1,
        begin: 1,
        end: 1,
      })
      if (move === 'join') {
        const key = server.link.session()
        sessions.push({ server, by, key })
        void join(server, by, `name${draw.int(0, 5)}`, `room${draw.int(0, 2)}`, key, draw.int(2, 3)).catch(
          () => undefined,
        )
      } else if (move === 'leave' || move === 'away') {
        if (sessions.length === 0) continue
        const { server: of, by: whose, key } = draw.pick(sessions)
        if (move === 'leave') of.link.leave(whose, key, draw.pick(['quit', 'lost']), 5_000)
        else of.link.away(whose, key, draw.chance(0.5))
      } else if (move === 'offer') {
        if (sessions.length === 0) continue
        const { server: of, by: whose, key } = draw.pick(sessions)
        void of.link.offer(whose, key, { name: `file ${step}`, bytes: step }).catch(() => undefined)
      } else if (move === 'close') {
        const own = server.link.roster.offers.of(server.link.id)
        if (own.length > 0) server.link.closeOffer(draw.pick(own).number, draw.pick(['begun', 'expired']))
      } else if (move === 'time') await clock.move(draw.int(0, 3_000))
      else if (move === 'cut') server.isCut = !server.isCut
      else if (move === 'still') server.isStill = !server.isStill
      else if (move === 'begin' && servers.length < 4) servers.push(await start())
      else if (move === 'end' && servers.length > 2) {
        const [ended] = servers.splice(draw.int(0, servers.length - 1), 1)
        if (draw.chance(0.5)) ended!.kill()
        else await ended!.link.close()
      }
      const names = [...server.link.roster.members.values()].map(({ name }) => name.toLowerCase())
      expect(new Set(names).size, 'one person to a name').toBe(names.length)
      for (const { room } of server.link.roster.members.values())
        expect(server.link.roster.room(room)!.members.size).toBeLessThanOrEqual(8)
    }
    for (const server of servers) {
      server.isCut = false
      server.isStill = false
    }
    await clock.move(
      limits.serverSilentMs + limits.nameHeldMs + limits.serverBeatMs * (limits.serverBeatsPerList + 4),
    )
    await settled()
    const [first, ...others] = servers.map(seenBy)
    for (const other of others) expect(other).toEqual(first)
    for (const { link } of servers) {
      for (const { by, session } of link.roster.members.values())
        if (session.server === link.id) await link.offer(by, session, { name: `of ${by}`, bytes: 1 })
    }
    const offered = servers.map(offersSeenBy)
    for (const other of offered) expect(other).toEqual(offered[0])
    filesSeen += offered[0]!.length
  },
)

it('the runs above include files', () => {
  expect(filesSeen).toBeGreaterThan(0)
})
