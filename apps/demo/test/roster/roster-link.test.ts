import {
  type EventBus,
  type EventHistory,
  type EventLog,
  memoryEventBus,
  memoryEventLog,
} from '@frameport/server'
import pino from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Draw } from '../../../../tests/support/draw.ts'
import { limits } from '../../src/limits.ts'
import type { RosterEffect } from '../../src/server/roster/roster.ts'
import type { SessionKey } from '../../src/server/roster/roster-change.ts'
import { RosterLink } from '../../src/server/roster/roster-link.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'

const logger = pino({ level: 'silent' })

interface Server {
  readonly link: RosterLink
  /** Presence that this server tells the members, as `bob joined lobby`. */
  readonly told: string[]
  readonly effects: RosterEffect[]
  /** It ends without a word. */
  kill(): void
  isCut: boolean
  /** It stands still, as a process that was stopped. What comes meanwhile it takes when it goes on. */
  isStill: boolean
}

/** Servers of one chat on one clock. */
function chat(log: EventHistory = memoryEventLog()) {
  const clock = new ManualClock()
  const bus = memoryEventBus()
  const servers: Server[] = []
  const start = async (): Promise<Server> => {
    const state = { isCut: false, isDead: false, isStill: false }
    const waiting: (() => void)[] = []
    let isCatchingUp = false
    const own: EventLog = {
      append: (toLog) => {
        if (state.isCut || state.isDead || state.isStill) throw new Error('the log is away')
        return log.append(toLog)
      },
      after: (query) => log.after(query),
      follow: (topic, follower) =>
        log.follow!(topic, {
          event(...told) {
            const take = () => void (state.isCut ? follower.missed() : follower.event(...told))
            if (state.isStill || isCatchingUp) waiting.push(take)
            else if (!state.isDead) take()
          },
          missed: () => follower.missed(),
        }),
    }
    const ownBus: EventBus = {
      join: (receiver) => {
        const reached = () => !(state.isDead || state.isCut || state.isStill)
        const member = bus.join({
          event: (event) => void (reached() && receiver.event(event)),
          gap: (topic) => receiver.gap(topic),
        })
        return { ...member, publish: (event) => (reached() ? member.publish(event) : undefined) }
      },
    }
    const told: string[] = []
    const effects: RosterEffect[] = []
    const link = new RosterLink({
      log: own,
      bus: ownBus,
      clock,
      logger,
      onEffect: (effect, isOwn) => {
        effects.push(effect)
        if (effect.kind === 'presence' && isOwn)
          told.push(`${effect.presence.name} ${effect.presence.change} ${effect.room}`)
      },
    })
    const server: Server = {
      link,
      told,
      effects,
      kill: () => {
        state.isDead = true
      },
      get isStill() {
        return state.isStill
      },
      set isStill(isStill) {
        state.isStill = isStill
        if (isStill) return
        // In order, also when what it takes makes it append.
        isCatchingUp = true
        for (let take = waiting.shift(); take !== undefined; take = waiting.shift()) take()
        isCatchingUp = false
      },
      get isCut() {
        return state.isCut
      },
      set isCut(isCut) {
        state.isCut = isCut
      },
    }
    servers.push(server)
    onTestFinished(() => link.close())
    await link.start()
    return server
  }
  /** Who is where, as a server sees it. */
  const seenBy = ({ link }: Server) =>
    [...link.roster.members.values()]
      .map(({ name, room, isAway }) => `${name} in ${room}${isAway ? ', away' : ''}`)
      .sort()
  return { clock, start, seenBy, log }
}

/** Which files can be taken, as a server sees it, and under which numbers. */
const offersSeenBy = ({ link: { roster } }: Server) =>
  [...roster.rooms]
    .sort()
    .flatMap((room) =>
      roster.offers.in(room).map(({ facts }) => `${facts.file} ${facts.name} of ${facts.from} in ${room}`),
    )

let filesSeen = 0

const join = (
  server: Server,
  by: string,
  name: string,
  room: string,
  session: SessionKey = server.link.session(),
  membersMax = 100,
) => server.link.join(by, session, { name, room }, membersMax)

describe('servers that share a roster', () => {
  it('give a name to one person, whoever asks where', async () => {
    const { start, seenBy } = chat()
    const [here, there] = [await start(), await start()]
    const outcomes = await Promise.all([
      join(here, 'ann', 'Guest', 'lobby'),
      join(there, 'bob', 'guest', 'lobby'),
      join(there, 'cid', 'cid', 'Lobby'),
    ])
    expect(outcomes).toMatchObject([
      { name: 'Guest' },
      { code: 'NAME_TAKEN', suggestion: 'guest2' },
      { name: 'cid' },
    ])
    expect(seenBy(here)).toEqual(['Guest in lobby', 'cid in lobby'])
    expect(seenBy(there)).toEqual(seenBy(here))
    expect([here.told, there.told]).toEqual([['Guest joined lobby'], ['cid joined lobby']])
  })

  it('let in no more than fit into a room, over all of them', async () => {
    const { start, seenBy } = chat()
    const [here, there] = [await start(), await start()]
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name, at) => join([here, there][at % 2]!, name, name, 'lobby', undefined, 2)),
    )
    expect(outcomes).toMatchObject([
      { name: 'a' },
      { name: 'b' },
      { code: 'ROOM_FULL' },
      { code: 'ROOM_FULL' },
    ])
    expect(seenBy(there)).toHaveLength(2)
  })

  it('tell one that begins later who is there', async () => {
    const log = memoryEventLog({ limits: { topicEventsMax: 3 } })
    const { start, seenBy } = chat(log)
    const here = await start()
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await join(here, name, name, 'lobby')
    const late = await start()
    await settled()
    expect(seenBy(late)).toEqual(seenBy(here))
    expect(await join(late, 'x', 'a', 'lobby')).toMatchObject({ code: 'NAME_TAKEN' })
  })

  it('take somebody over who comes back elsewhere, and nobody sees him leave', async () => {
    const { start, seenBy, clock } = chat()
    const [here, there] = [await start(), await start()]
    const first = here.link.session()
    await join(here, 'ann', 'ann', 'lobby', first)
    here.kill()
    expect(await join(there, 'ann', 'ann', 'lobby')).toMatchObject({ name: 'ann' })
    await clock.move(limits.serverSilentMs + limits.nameHeldMs + 3 * limits.serverBeatMs)
    expect(seenBy(there)).toEqual(['ann in lobby'])
    expect(there.told).toEqual([])
  })

  it('miss one that is gone: its people are away, and then lost', async () => {
    const { start, seenBy, clock } = chat()
    const [here, there, third] = [await start(), await start(), await start()]
    await join(here, 'ann', 'ann', 'lobby')
    await join(there, 'bob', 'bob', 'lobby')
    here.kill()
    await clock.move(limits.serverSilentMs + 2 * limits.serverBeatMs)
    expect(seenBy(there)).toEqual(['ann in lobby, away', 'bob in lobby'])
    expect(await join(there, 'eve', 'ann', 'lobby')).toMatchObject({ code: 'NAME_TAKEN' })
    await clock.move(limits.nameHeldMs + 2 * limits.serverBeatMs)
    expect(seenBy(there)).toEqual(['bob in lobby'])
    expect(seenBy(third)).toEqual(seenBy(there))
    expect([...there.told, ...third.told].sort()).toEqual([
      'ann away lobby',
      'ann lost lobby',
      'bob joined lobby',
    ])
    expect(await join(there, 'eve', 'ann', 'lobby')).toMatchObject({ name: 'ann' })
  })

  it('have one back that stood still, with its people', async () => {
    const { start, seenBy, clock } = chat()
    const [here, there] = [await start(), await start()]
    await join(here, 'ann', 'ann', 'lobby')
    here.isCut = true
    await clock.move(limits.serverSilentMs + 2 * limits.serverBeatMs)
    expect(seenBy(there)).toEqual(['ann in lobby, away'])
    here.isCut = false
    await clock.move(2 * limits.serverBeatMs)
    await settled()
    expect(seenBy(there)).toEqual(['ann in lobby'])
    expect(seenBy(here)).toEqual(['ann in lobby'])
  })

  it('hold the name of somebody who was lost, and free it after a goodbye', async () => {
    const { start, clock } = chat()
    const [here, there] = [await start(), await start()]
    const [ann, bob] = [here.link.session(), here.link.session()]
    await join(here, 'ann', 'ann', 'lobby', ann)
    await join(here, 'bob', 'bob', 'lobby', bob)
    here.link.leave('ann', ann, 'lost', 20_000)
    here.link.leave('bob', bob, 'quit', 0)
    expect(await join(there, 'x', 'ann', 'lobby')).toMatchObject({ code: 'NAME_TAKEN', freeInMs: 20_000 })
    expect(await join(there, 'y', 'bob', 'lobby')).toMatchObject({ name: 'bob' })
    await clock.move(20_000)
    expect(await join(there, 'x', 'ann', 'lobby')).toMatchObject({ name: 'ann' })
  })

  it('keep the people of one that stood still, and was taken for dead, in their rooms', async () => {
    const { start, clock, seenBy } = chat()
    const [here, there] = [await start(), await start()]
    await join(here, 'ann', 'ann', 'lobby')
    await join(there, 'yan', 'yan', 'garden')
    there.isStill = true
    await clock.move(limits.serverSilentMs + limits.nameHeldMs + 3 * limits.serverBeatMs)
    expect(seenBy(here)).toEqual(['ann in lobby'])
    there.isStill = false
    await clock.move(limits.serverBeatMs)
    await settled()
    expect(seenBy(here)).toEqual(['ann in lobby', 'yan in garden'])
    expect(seenBy(there)).toEqual(seenBy(here))
    expect(there.effects.filter(({ kind }) => kind === 'left')).toMatchObject([{ why: 'forgotten' }])
  })

  it.each([0, limits.nameHeldMs])(
    'do not take people back who went on elsewhere while their own one stood still (%i ms more)',
    async (moreMs) => {
      const { start, clock, seenBy } = chat()
      const [here, there] = [await start(), await start()]
      const old = there.link.session()
      await join(there, 'zoe', 'zoe', 'lobby', old)
      there.isStill = true
      await clock.move(limits.serverSilentMs + 3 * limits.serverBeatMs)
      const own = here.link.session()
      await join(here, 'zoe', 'zoe', 'lobby', own)
      await clock.move(moreMs)
      there.isStill = false
      await clock.move(limits.serverBeatMs * (limits.serverBeatsPerList + 1))
      await settled()
      for (const server of [here, there]) {
        expect(seenBy(server)).toEqual(['zoe in lobby'])
        expect([...server.link.roster.members.values()]).toMatchObject([{ session: own }])
      }
      const ended = there.effects.filter((effect) => effect.kind === 'left')
      expect(ended).toMatchObject([{ why: 'replaced', member: { session: old } }])
    },
  )

  it('do not take somebody back by a list that was made before a goodbye was known', async () => {
    const { start, clock, seenBy, log } = chat()
    const here = await start()
    const ann = here.link.session()
    await join(here, 'ann', 'ann', 'lobby', ann)
    const there = await start()
    await settled()
    here.link.leave('ann', ann, 'quit', 0)
    await clock.move(limits.serverBeatMs * (limits.serverBeatsPerList + 1))
    await settled()
    expect([seenBy(here), seenBy(there), log]).toEqual([[], [], log])
  })

  it('let in as many as the server of the one who comes, and agree on it', async () => {
    const { start, seenBy } = chat()
    const [small, large] = [await start(), await start()]
    for (const name of ['ann', 'abe']) await join(small, name, name, 'lobby', undefined, 2)
    expect(await join(large, 'ben', 'ben', 'lobby', undefined, 100)).toMatchObject({ name: 'ben' })
    expect(await join(small, 'bob', 'ben', 'dev', undefined, 2)).toMatchObject({ code: 'NAME_TAKEN' })
    expect(seenBy(small)).toEqual(['abe in lobby', 'ann in lobby', 'ben in lobby'])
    expect(seenBy(large)).toEqual(seenBy(small))
  })

  it('say to whom a session belongs no more', async () => {
    const { start } = chat()
    const [here, there] = [await start(), await start()]
    const old = here.link.session()
    await join(here, 'ann', 'ann', 'lobby', old)
    await join(there, 'ann', 'ann', 'lobby')
    expect(here.effects).toContainEqual(
      expect.objectContaining({
        kind: 'left',
        why: 'replaced',
        member: expect.objectContaining({ session: old }),
      }),
    )
    here.link.leave('ann', old, 'lost', 20_000)
    here.link.away('ann', old, true)
    expect([...there.link.roster.members.values()]).toMatchObject([{ name: 'ann', isAway: false }])
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('agree whatever happens (seed %i)', async (seed) => {
    const draw = new Draw(seed)
    const { start, seenBy, clock } = chat(memoryEventLog({ limits: { topicEventsMax: 40 } }))
    const servers = [await start(), await start()]
    const sessions: { readonly server: Server; readonly by: string; readonly key: SessionKey }[] = []
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
  })

  it('have had files in these runs', () => {
    expect(filesSeen).toBeGreaterThan(0)
  })
})
