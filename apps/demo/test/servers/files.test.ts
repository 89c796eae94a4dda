import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@frameport/client'
import { memoryEventBus, memoryEventLog } from '@frameport/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import { limits } from '../../src/limits.ts'
import { chatPeers } from '../../src/server/peers/peer-contract.ts'
import { ChatRoom, type TestMember } from '../support/chat-room.ts'

vi.setConfig({ testTimeout: 60_000 })

let here: ChatRoom
let there: ChatRoom
let anna: TestMember
let bob: TestMember
const content = randomBytes(600_000)

/** Two servers of one chat, with a member each. */
beforeEach(async () => {
  const [log, bus] = [memoryEventLog(), memoryEventBus()]
  here = await ChatRoom.open(log, bus)
  there = await ChatRoom.open(log, bus)
  anna = await here.enter('anna')
  bob = await there.enter('bob')
  await anna.sees('bob joined')
})

afterEach(async () => {
  await here.close()
  await there.close()
  for (const { clock, service } of [here, there])
    expect([clock.timers, service.offers.count, service.offers.heldBytes]).toEqual([0, 0, 0])
})

const saved = ({ folder }: TestMember, name: string) => readFile(join(folder, name))

describe('A file that is offered on one server', () => {
  test('is received on another one, and both sides learn that it is correct', async () => {
    const carol = await here.enter('carol')
    const sent = anna.member.files.send(await here.file('notes.pdf', content))
    await bob.sees('* anna offers notes.pdf (600 kB): /take 1 or /decline 1')
    const taken = bob.member.files.take(undefined, undefined)
    await anna.sees('* bob takes notes.pdf.')
    const takenToo = carol.member.files.take(1, undefined)
    expect(await Promise.all([sent, taken, takenToo])).toEqual([true, true, true])
    expect(await saved(bob, 'notes.pdf')).toEqual(content)
    expect(await saved(carol, 'notes.pdf')).toEqual(content)
    await anna.sees('* bob has notes.pdf: the checksum is right.')
  })

  test('is known to members who join another server later', async () => {
    const sent = anna.member.files.send(await here.file('notes.pdf', content))
    await bob.sees('anna offers')
    const carol = await there.enter('carol')
    await bob.member.files.decline(1)
    await anna.sees('* bob does not want notes.pdf.')
    expect(await carol.member.files.take(1, undefined)).toBe(true)
    expect(await sent).toBe(true)
  })

  test('does not wait for members of another server who have answered or left', async () => {
    const carol = await there.enter('carol')
    const dave = await here.enter('dave')
    const sent = anna.member.files.send(await here.file('notes.pdf', content))
    for (const one of [bob, carol, dave]) await one.sees('anna offers')
    const taken = dave.member.files.take(1, undefined)
    await bob.member.files.decline(1)
    await carol.client.$close()
    expect(await Promise.all([sent, taken])).toEqual([true, true])
  })

  test('ends for members of another server when its sender takes it back', async () => {
    await there.enter('carol')
    const sent = anna.member.files.send(await here.file('notes.pdf', content))
    await bob.sees('anna offers')
    const taken = bob.member.files.take(1, undefined)
    await anna.sees('bob takes')
    anna.member.files.cancel(1)
    expect(await Promise.all([sent, taken])).toEqual([false, false])
  })

  test('ends when its taker on another server stops, and its sender learns of that', async () => {
    await there.enter('carol')
    const sent = anna.member.files.send(await here.file('notes.pdf', content))
    await bob.sees('anna offers')
    const taken = bob.member.files.take(1, undefined)
    await anna.sees('bob takes')
    bob.member.files.cancel(1)
    expect(await taken).toBe(false)
    await anna.sees('bob')
    anna.member.files.cancel(1)
    expect(await sent).toBe(false)
  })

  test('cannot be taken if its server is not reachable, and the taker learns of that', async () => {
    await there.enter('carol')
    const sent = anna.member.files.send(await here.file('notes.pdf', content))
    await bob.sees('anna offers')
    vi.spyOn(there.service, 'peerOf').mockReturnValue({ url: 'tcp://127.0.0.1:1', token: 'x'.repeat(43) })
    expect(await bob.member.files.take(1, undefined)).toBe(false)
    await bob.sees('! Your server cannot reach the server of anna. notes.pdf cannot be taken here.')
    anna.member.files.cancel(1)
    expect(await sent).toBe(false)
  })

  test('is over on all servers when its own server ends', async () => {
    const sent = anna.member.files.send(await here.file('notes.pdf', content))
    await bob.sees('anna offers')
    await here.restart()
    expect(await sent).toBe(false)
    await until(() => there.service.offers.openIn('lobby').length === 0)
    expect(await bob.member.files.take(1, undefined)).toBe(false)
  })

  test('has a unique number, whichever server has it', async () => {
    const sent = [
      anna.member.files.send(await here.file('one', content)),
      bob.member.files.send(await there.file('two', content)),
    ]
    await until(() => here.service.offers.openIn('lobby').length === 2)
    await until(() => there.service.offers.openIn('lobby').length === 2)
    const files = here.service.offers.openIn('lobby')
    expect(files.map(({ file }) => file)).toEqual([1, 2])
    expect(there.service.offers.openIn('lobby')).toEqual(files)
    await anna.sees('bob offers two')
    await bob.sees('anna offers one')
    const ofBob = files.find(({ from }) => from === 'bob')!.file
    expect(await anna.member.files.take(ofBob, undefined)).toBe(true)
    expect(await bob.member.files.take(3 - ofBob, undefined)).toBe(true)
    expect(await Promise.all(sent)).toEqual([true, true])
    expect(await saved(anna, 'two')).toEqual(content)
    expect(await saved(bob, 'one')).toEqual(content)
  })

  test('is sent at the pace of a slow taker, and no server holds more than a window of it', async () => {
    const film = randomBytes(4 * 1024 * 1024)
    const sent = anna.member.files.send(await here.file('film', film))
    await bob.sees('anna offers film')
    const stream = bob.client.files.take({ file: 1 }, [{ end: 'saved' }])
    let bytes = 0
    let heldMax = 0
    for await (const chunk of stream) {
      bytes += chunk.length
      heldMax = Math.max(heldMax, here.service.offers.heldBytes)
      await new Promise((resolve) => setImmediate(resolve))
      // A receipt only counts after the last byte. Here it arrives immediately.
    }
    expect(bytes).toBeLessThanOrEqual(film.length + 32)
    expect(heldMax).toBeLessThanOrEqual(limits.fileWindowBytes + limits.fileChunkBytesMax)
    await sent
  })
})

describe('The port for other servers', () => {
  test('refuses clients without the token', async () => {
    const { url } = there.service.peerOf(here.service.id)!
    for (const auth of [undefined, '', 'guess', 'x'.repeat(43), 7]) {
      const stranger = createClient(chatPeers, url, { backend: 'net', auth, reconnect: false })
      await expect(stranger.decline({ offer: 1, name: 'mallory' })).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
      })
      await stranger.$close()
    }
  })
})
