import { beforeEach, describe, expect, test } from 'vitest'
import type { OfferNews } from '../../src/file-contract.ts'
import { limits } from '../../src/limits.ts'
import type { ChatService } from '../../src/server/chat-service.ts'
import type { Offer } from '../../src/server/files/offer.ts'
import type { Visitor } from '../../src/server/visitor.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'
import { startedService } from '../support/started-service.ts'

let clock: ManualClock
let service: ChatService
let heard: string[]

beforeEach(async () => {
  clock = new ManualClock()
  heard = []
  service = await startedService(
    {
      line: async () => undefined,
      presence: () => {},
      typing: () => {},
      offer: (room, { file, name, from }) => heard.push(`${room}: ${from} offers ${file} ${name}`),
      offerClosed: (room, { file, why }) => heard.push(`${room}: ${file} ${why}`),
    },
    clock,
  )
})

async function enter(name: string, room = 'lobby'): Promise<Visitor> {
  const visitor = service.arrive()
  expect((await service.join(visitor, { room, name }, () => {})).ok).toBe(true)
  return visitor
}

async function offered(visitor: Visitor, name = 'notes.pdf'): Promise<Offer> {
  const outcome = await service.offers.offer(visitor, { name, bytes: 10 })
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  return outcome.value
}

function taken(visitor: Visitor, { facts }: Offer) {
  const outcome = service.offers.take(visitor, facts.file)
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  if (!('taker' in outcome.value)) throw new Error('another server has it')
  return outcome.value.taker
}

const refusalOf = (outcome: { ok: boolean; refusal?: { code: string } }) => outcome.refusal?.code

/** All events that the sender has not read yet. */
async function newsOf({ news }: Offer): Promise<OfferNews[]> {
  const found: OfferNews[] = []
  void (async () => {
    for await (const one of news) found.push(one)
  })()
  await settled()
  return found
}

describe('An offer', () => {
  test('is announced to the room and listed, also for members who join later', async () => {
    const anna = await enter('anna')
    await offered(anna)
    expect(heard).toEqual(['lobby: anna offers 1 notes.pdf'])
    const bob = service.arrive()
    expect(await service.join(bob, { room: 'lobby', name: 'bob' }, () => {})).toMatchObject({
      value: { files: [{ file: 1, name: 'notes.pdf', bytes: 10, from: 'anna' }] },
    })
    const carol = service.arrive()
    expect(await service.join(carol, { room: 'dev', name: 'carol' }, () => {})).toMatchObject({
      value: { files: [] },
    })
  })

  test('starts its transfer at once when all other members have answered and one takes the file', async () => {
    const [anna, bob, carol] = [await enter('anna'), await enter('bob'), await enter('carol')]
    const offer = await offered(anna)
    taken(bob, offer)
    expect(offer.isOpen).toBe(true)
    service.offers.decline(carol, 1)
    expect(offer.isOpen).toBe(false)
    expect(heard).toEqual(['lobby: anna offers 1 notes.pdf', 'lobby: 1 begun'])
    expect(await newsOf(offer)).toEqual([
      { kind: 'offered', file: 1 },
      { kind: 'taken', name: 'bob' },
      { kind: 'declined', name: 'carol' },
      { kind: 'begun', takers: ['bob'] },
    ])
    // The timer of the roster.
    expect(clock.timers).toBe(1)
  })

  test('starts its transfer a fixed time after the first taker, even if some members have not answered', async () => {
    const [anna, bob, carol] = [await enter('anna'), await enter('bob'), await enter('carol')]
    await enter('dave')
    const offer = await offered(anna)
    taken(bob, offer)
    await clock.move(limits.fileGatherMs - 1)
    taken(carol, offer)
    expect(offer.isOpen).toBe(true)
    await clock.move(1)
    expect(offer.isOpen).toBe(false)
    expect(offer.takers.map(({ name }) => name)).toEqual(['bob', 'carol'])
  })

  test('does not wait for a member who has left the room', async () => {
    const [anna, bob, carol] = [await enter('anna'), await enter('bob'), await enter('carol')]
    const offer = await offered(anna)
    taken(bob, offer)
    service.lose(carol)
    expect(offer.isOpen).toBe(false)
  })

  test('stays open if everybody declines, because others may join', async () => {
    const [anna, bob] = [await enter('anna'), await enter('bob')]
    const offer = await offered(anna)
    service.offers.decline(bob, 1)
    await clock.move(limits.fileOfferMs - 1)
    expect(offer.isOpen).toBe(true)
    taken(bob, offer)
    expect(offer.isOpen).toBe(false)
  })

  test('refuses a taker that comes after the start of the transfer', async () => {
    const [anna, bob] = [await enter('anna'), await enter('bob')]
    const offer = await offered(anna)
    taken(bob, offer)
    const carol = await enter('carol')
    expect(refusalOf(service.offers.take(carol, 1))).toBe('HAS_BEGUN')
    expect(service.offers.decline(carol, 1).ok).toBe(true)
  })

  test('expires when nobody takes it in time', async () => {
    const offer = await offered(await enter('anna'))
    await clock.move(limits.fileOfferMs - 1)
    expect(offer.end).toBeUndefined()
    await clock.move(1)
    expect(offer.end).toBe('expired')
    expect(heard.at(-1)).toBe('lobby: 1 expired')
    expect(service.offers.count).toBe(0)
  })

  test('does not expire while a taker waits, and starts its time again when all takers have left', async () => {
    const [anna, bob] = [await enter('anna'), await enter('bob')]
    await enter('carol')
    const offer = await offered(anna)
    await clock.move(limits.fileOfferMs - 1)
    const taker = taken(bob, offer)
    await clock.move(2)
    expect(offer.end).toBeUndefined()
    offer.takerEnded(taker, 'left')
    await clock.move(limits.fileOfferMs - 1)
    expect(offer.isOpen).toBe(true)
    await clock.move(1)
    expect(offer.end).toBe('expired')
    // The timer of the roster.
    expect(clock.timers).toBe(1)
  })

  test('ends when its sender leaves the room, unless the transfer has started', async () => {
    const [anna, bob] = [await enter('anna'), await enter('bob')]
    const [first, second] = [await offered(anna), await offered(anna)]
    taken(bob, first)
    await service.join(anna, { room: 'dev', name: 'anna' }, () => {})
    expect([first.end, second.end]).toEqual([undefined, 'left'])
    service.lose(bob)
    expect(first.end).toBeUndefined()
  })

  test('is abandoned when all its takers have stopped', async () => {
    const [anna, bob] = [await enter('anna'), await enter('bob')]
    const offer = await offered(anna)
    offer.takerEnded(taken(bob, offer), 'slow')
    expect(offer.end).toBe('abandoned')
  })

  test('ends for its takers when its sender cancels it', async () => {
    const [anna, bob] = [await enter('anna'), await enter('bob')]
    const offer = await offered(anna)
    const taker = taken(bob, offer)
    offer.finish('cancelled')
    offer.finish('lost')
    expect(await taker.stopped()).toEqual({ offer: 'cancelled' })
    expect(offer.end).toBe('cancelled')
  })

  test('ends when its sender does not read the events', async () => {
    const [anna, bob] = [await enter('anna'), await enter('bob')]
    await enter('carol')
    const offer = await offered(anna)
    for (let news = 1; news < limits.offerNewsMax; news += 2)
      offer.takerEnded(offer.take(bob.identity, 'bob'), 'left')
    expect(offer.end).toBe('stalled')
  })

  test('does not start when the server closes, and ends', async () => {
    const [anna, bob] = [await enter('anna'), await enter('bob')]
    const [first, second] = [await offered(anna), await offered(anna)]
    taken(bob, first)
    service.offers.close()
    expect([first.end, second.end]).toEqual([undefined, 'closing'])
  })
})

describe('A request about a file is refused', () => {
  test('when it takes a file as its sender, for the second time, from another room, or with an unknown number', async () => {
    const [anna, bob] = [await enter('anna'), await enter('bob')]
    await enter('dave')
    const offer = await offered(anna)
    taken(bob, offer)
    expect(refusalOf(service.offers.take(anna, 1))).toBe('OWN_FILE')
    expect(refusalOf(service.offers.take(bob, 1))).toBe('TAKEN_ALREADY')
    expect(refusalOf(service.offers.take(await enter('carol', 'dev'), 1))).toBe('NO_SUCH_FILE')
    expect(refusalOf(service.offers.take(bob, 2))).toBe('NO_SUCH_FILE')
    expect(refusalOf(service.offers.decline(bob, 2))).toBe('NO_SUCH_FILE')
  })

  test('when it comes from a visitor without a room', async () => {
    const nobody = service.arrive()
    await offered(await enter('anna'))
    expect(refusalOf(await service.offers.offer(nobody, { name: 'x', bytes: 1 }))).toBe('NOT_IN_ROOM')
    expect(refusalOf(service.offers.take(nobody, 1))).toBe('NOT_IN_ROOM')
    expect(refusalOf(service.offers.decline(nobody, 1))).toBe('NOT_IN_ROOM')
  })

  test('when offers, takes and declines are too fast, like lines', async () => {
    const bob = await enter('bob')
    for (let count = 1; count < limits.floodBurst; count += 1) service.offers.decline(bob, 1)
    expect(refusalOf(service.offers.decline(bob, 1))).toBe('TOO_FAST')
    expect(refusalOf(service.offers.take(bob, 1))).toBe('TOO_FAST')
    expect(refusalOf(await service.offers.offer(bob, { name: 'x', bytes: 1 }))).toBe('TOO_FAST')
    expect(heard).toEqual([])
  })
})

describe('A limit of files, at its value and one above it,', () => {
  const full = (visitor: Visitor) => service.offers.offer(visitor, { name: 'x', bytes: 1 })

  test('applies to the files that a member offers', async () => {
    const anna = await enter('anna')
    const asked = Array.from({ length: limits.memberFilesMax }, () => offered(anna))
    // Offers that the roster has not answered yet count, too.
    expect(await full(anna)).toEqual({
      ok: false,
      refusal: { code: 'FILES_FULL', of: 'member', filesMax: limits.memberFilesMax },
    })
    const [first] = await Promise.all(asked)
    first?.finish('cancelled')
    await offered(anna)
  })

  test('applies to the files of a room', async () => {
    for (let file = 0; file < limits.roomFilesMax; file += 1) await offered(await enter(`member${file}`))
    expect(await full(await enter('one-more'))).toMatchObject({
      refusal: { of: 'room', filesMax: limits.roomFilesMax },
    })
    await offered(await enter('another', 'dev'))
  })

  test('applies to the files of the server', async () => {
    for (let file = 0; file < limits.filesMax; file += 1) {
      await offered(await enter(`member${file}`, `room${Math.floor(file / limits.roomFilesMax)}`))
    }
    expect(await full(await enter('one-more', 'dev'))).toMatchObject({
      refusal: { of: 'server', filesMax: limits.filesMax },
    })
    expect(service.offers.count).toBe(limits.filesMax)
  })

  test('applies to the files that a member takes', async () => {
    const bob = await enter('bob')
    await enter('carol')
    const offers: Offer[] = []
    for (let file = 0; file <= limits.memberTakesMax; file += 1)
      offers.push(await offered(await enter(`member${file}`)))
    const last = offers.pop() as Offer
    const takers = offers.map((offer) => taken(bob, offer))
    expect(service.offers.take(bob, last.facts.file)).toMatchObject({
      refusal: { code: 'FILES_FULL', of: 'member', filesMax: limits.memberTakesMax },
    })
    offers[0]?.takerEnded(takers[0] as never, 'left')
    taken(bob, last)
  })
})
