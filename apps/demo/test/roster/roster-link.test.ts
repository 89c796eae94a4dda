import { memoryEventLog } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { limits } from '../../src/limits.ts'
import { join, linkedServers } from '../support/linked-servers.ts'
import { settled } from '../support/manual-clock.ts'

describe('Servers that share a roster', () => {
  it('give a name to one person only, whichever servers are asked', async () => {
    const { start, seenBy } = linkedServers()
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

  it('admit no more members to a room than it may have, over all servers', async () => {
    const { start, seenBy } = linkedServers()
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

  it('inform a server that starts later about all members', async () => {
    const log = memoryEventLog({ limits: { topicEventsMax: 3 } })
    const { start, seenBy } = linkedServers(log)
    const here = await start()
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await join(here, name, name, 'lobby')
    const late = await start()
    await settled()
    expect(seenBy(late)).toEqual(seenBy(here))
    expect(await join(late, 'x', 'a', 'lobby')).toMatchObject({ code: 'NAME_TAKEN' })
  })

  it('move a member who reconnects to another server, without a leave notice', async () => {
    const { start, seenBy, clock } = linkedServers()
    const [here, there] = [await start(), await start()]
    const first = here.link.session()
    await join(here, 'ann', 'ann', 'lobby', first)
    here.kill()
    expect(await join(there, 'ann', 'ann', 'lobby')).toMatchObject({ name: 'ann' })
    await clock.move(limits.serverSilentMs + limits.nameHeldMs + 3 * limits.serverBeatMs)
    expect(seenBy(there)).toEqual(['ann in lobby'])
    expect(there.told).toEqual([])
  })

  it('notice a missing server: its members are away, and later lost', async () => {
    const { start, seenBy, clock } = linkedServers()
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

  it('accept the return of a server that was stopped, with its members', async () => {
    const { start, seenBy, clock } = linkedServers()
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

  it('reserve the name of a lost member, and free a name after a goodbye', async () => {
    const { start, clock } = linkedServers()
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

  it('keep the members of a server that was stopped and regarded as dead in their rooms', async () => {
    const { start, clock, seenBy } = linkedServers()
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
    'do not take members back who continued elsewhere while their own server was stopped (%i ms more)',
    async (moreMs) => {
      const { start, clock, seenBy } = linkedServers()
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

  it('do not take a member back because of a list that is older than its goodbye', async () => {
    const { start, clock, seenBy, log } = linkedServers()
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

  it('apply the limit of the server that the member uses, and agree on the result', async () => {
    const { start, seenBy } = linkedServers()
    const [small, large] = [await start(), await start()]
    for (const name of ['ann', 'abe']) await join(small, name, name, 'lobby', undefined, 2)
    expect(await join(large, 'ben', 'ben', 'lobby', undefined, 100)).toMatchObject({ name: 'ben' })
    expect(await join(small, 'bob', 'ben', 'dev', undefined, 2)).toMatchObject({ code: 'NAME_TAKEN' })
    expect(seenBy(small)).toEqual(['abe in lobby', 'ann in lobby', 'ben in lobby'])
    expect(seenBy(large)).toEqual(seenBy(small))
  })

  it('tell a server about a session that another server has replaced', async () => {
    const { start } = linkedServers()
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
})
