import { randomBytes } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ChatRoom, type TestMember } from '../support/chat-room.ts'
import type { CutProxy } from '../support/cut-proxy.ts'

vi.setConfig({ testTimeout: 180_000 })

let room: ChatRoom
let proxy: CutProxy
let anna: TestMember
let bob: TestMember
const content = randomBytes(40_000_000)

beforeEach(async () => {
  ;({ room, proxy, anna, bob } = await ChatRoom.withCuts('both'))
})

afterEach(async () => {
  await room.close()
  expect(room.clock.timers).toBe(0)
  expect(room.service.offers.count).toBe(0)
})

/** Settles when bob has a part of the file. */
async function isUnderWay(): Promise<void> {
  for (;;) {
    const found = await stat(join(bob.folder, 'film.part')).catch(() => undefined)
    if (found !== undefined && found.size > 1_000_000) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('A file in transfer', () => {
  test('continues after the connections of both sides were cut', async () => {
    const sent = anna.member.files.send(await room.file('film', content))
    await bob.sees('anna offers film')
    const taken = bob.member.files.take(1, undefined)
    await isUnderWay()
    proxy.cut()
    expect([anna, bob].map(({ client }) => client.$connection.state)).not.toContain('closed')
    const { size } = await stat(join(bob.folder, 'film.part'))
    expect(size).toBeLessThan(content.length)
    proxy.mend()
    expect(await Promise.all([sent, taken])).toEqual([true, true])
    expect((await readFile(join(bob.folder, 'film'))).equals(content)).toBe(true)
    expect(proxy.arrived).toBeGreaterThanOrEqual(4)
    expect([...anna.rows, ...bob.rows].filter((row) => row.startsWith('!'))).toEqual([])
  })

  test('fails with a sentence when the server is restarted, and can be sent again', async () => {
    const sent = anna.member.files.send(await room.file('film', content))
    await bob.sees('anna offers film')
    const taken = bob.member.files.take(1, undefined)
    await isUnderWay()
    await room.restart()
    expect(await Promise.all([sent, taken])).toEqual([false, false])
    expect(anna.rows.filter((row) => row.startsWith('!'))).toEqual([
      expect.stringMatching(/^! The (?:server|connection) .*\.$/),
    ])
    expect(bob.rows.filter((row) => row.startsWith('!'))).toEqual([
      expect.stringMatching(/^! The .* of film arrived\. Nothing was kept/),
    ])
    expect(await readdir(bob.folder)).toEqual([])
    await Promise.all([anna, bob].map((one) => one.sees('* The server has restarted')))

    const again = anna.member.files.send('film')
    await bob.sees('anna offers film')
    expect(await bob.member.files.take(undefined, undefined)).toBe(true)
    expect(await again).toBe(true)
    expect((await readFile(join(bob.folder, 'film'))).equals(content)).toBe(true)
  })
})
