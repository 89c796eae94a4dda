import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { limits } from '../../src/limits.ts'
import { ChatRoom, type TestMember } from '../support/chat-room.ts'

let room: ChatRoom
let anna: TestMember
let bob: TestMember
const content = randomBytes(300_000)

beforeEach(async () => {
  ;({ room, anna, bob } = await ChatRoom.withTwo())
})

afterEach(async () => {
  await room.close()
  expect(room.clock.timers).toBe(0)
  expect(room.service.offers.count).toBe(0)
  expect(room.service.offers.heldBytes).toBe(0)
})

vi.setConfig({ testTimeout: 60_000 })

const saved = ({ folder }: TestMember, name: string) => readFile(join(folder, name))

describe('A file', () => {
  test('is sent to everyone who takes it, and both sides learn that it is correct', async () => {
    const carol = await room.enter('carol')
    const sent = anna.member.files.send(await room.file('notes.pdf', content))
    await bob.sees('* anna offers notes.pdf (300 kB): /take 1 or /decline 1')
    await carol.sees('* anna offers')
    const taken = bob.member.files.take(undefined, undefined)
    await anna.sees('* bob takes notes.pdf.')
    const takenToo = carol.member.files.take(1, 'mine/here.pdf')
    expect(await Promise.all([sent, taken, takenToo])).toEqual([true, true, true])
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 16)
    await bob.sees(`notes.pdf (300 kB). The checksum is right: ${digest}…`)
    expect(await saved(bob, 'notes.pdf')).toEqual(content)
    expect(await saved(carol, 'mine/here.pdf')).toEqual(content)
    await anna.sees('* notes.pdf is being sent to bob and carol.')
    await anna.sees('* bob has notes.pdf: the checksum is right.')
    expect(anna.rows).toContain('* carol has notes.pdf: the checksum is right.')
    expect(await readdir(bob.folder)).toEqual(['notes.pdf'])
  })

  test.each([0, 1, limits.fileChunkBytesMax, limits.fileChunkBytesMax + 1])(
    'of %i bytes arrives completely',
    async (bytes) => {
      const sent = anna.member.files.send(await room.file('x', content.subarray(0, bytes)))
      await bob.sees('anna offers x')
      expect(await bob.member.files.take(1, undefined)).toBe(true)
      expect(await sent).toBe(true)
      expect(await saved(bob, 'x')).toEqual(content.subarray(0, bytes))
    },
  )

  test('never replaces another one: a number is added to its name', async () => {
    await writeFile(join(bob.folder, 'notes.pdf'), 'mine')
    await writeFile(join(bob.folder, 'notes (2).pdf.part'), 'somebody else')
    const sent = anna.member.files.send(await room.file('notes.pdf', content))
    await bob.sees('anna offers')
    expect(await bob.member.files.take(1, undefined)).toBe(true)
    expect(await sent).toBe(true)
    expect((await readdir(bob.folder)).sort()).toEqual(['notes (2).pdf.part', 'notes (3).pdf', 'notes.pdf'])
    expect((await saved(bob, 'notes.pdf')).toString()).toBe('mine')
    expect(await saved(bob, 'notes (3).pdf')).toEqual(content)
  })

  test('is saved in the given folder under its own name', async () => {
    await mkdir(join(bob.folder, 'in'))
    const sent = anna.member.files.send(await room.file('notes.pdf', content))
    await bob.sees('anna offers')
    expect(await bob.member.files.take(1, 'in')).toBe(true)
    expect(await sent).toBe(true)
    expect(await saved(bob, 'in/notes.pdf')).toEqual(content)
  })

  test('can be taken by people who join while it is offered, and later ones learn that it is too late', async () => {
    const sent = anna.member.files.send(await room.file('notes.pdf', content))
    await bob.sees('anna offers')
    const carol = await room.enter('carol')
    await carol.sees('anna offers notes.pdf')
    const taken = carol.member.files.take(1, undefined)
    await anna.sees('carol takes')
    await room.clock.move(limits.fileGatherMs)
    expect(await Promise.all([sent, taken])).toEqual([true, true])
    await bob.sees('* It is too late to take notes.pdf from anna: the transfer to others has started.')
    expect(await bob.member.files.take(1, undefined)).toBe(false)
    await bob.sees('! There is no file 1 that you can take')
  })

  test('can be declined, and its sender learns of that', async () => {
    const sent = anna.member.files.send(await room.file('notes.pdf', content))
    await bob.sees('anna offers')
    expect(await bob.member.files.decline(undefined)).toBe(true)
    await anna.sees('* bob does not want notes.pdf.')
    expect(bob.member.files.offered).toEqual([])
    await room.clock.move(limits.fileOfferMs)
    expect(await sent).toBe(false)
    await anna.sees('! Nobody took notes.pdf within 5 minutes.')
  })

  test('is listed with the others', async () => {
    await bob.member.files.list()
    await bob.sees('* There are no offered files and no running transfers here.')
    const first = anna.member.files.send(await room.file('one.txt', content))
    // Each is opened before it is offered, so at the same time they would arrive in any order.
    await bob.sees('anna offers one.txt')
    const second = anna.member.files.send(await room.file('two.txt', content))
    await bob.sees('anna offers two.txt')
    expect(await bob.member.files.take(undefined, undefined)).toBe(false)
    await bob.sees('! Say which file: /take 1, /take 2')
    await bob.member.files.list()
    await bob.sees('* 1: one.txt (300 kB) from anna: /take 1 or /decline 1')
    await anna.member.files.list()
    await anna.sees('is offered as 2')
    expect(anna.member.files.cancel(undefined)).toBe(false)
    await anna.sees('! Say which file: /cancel 1, /cancel 2')
    expect(anna.member.files.cancel(3)).toBe(false)
    await anna.member.files.stop()
    expect(await Promise.all([first, second])).toEqual([false, false])
    await bob.sees('* anna has taken two.txt back.')
  })
})

describe('A file that cannot be sent', () => {
  test.each([
    ['nothing', 'There is no file '],
    ['folder', ' is a folder: pack it first'],
    ['/dev/null', '/dev/null is not a regular file'],
    ['a\u001b[2Jb', 'The name of a file must not contain control characters or terminal escapes (U+001B'],
    ['pipe', ' is not a regular file'],
    ['x\u0000', 'cannot be read'],
    [`${'x/'.repeat(5_000)}`, 'is too long'],
  ])('(%j) is refused with a sentence, and not offered', async (path, sentence) => {
    await mkdir(join(room.folder, 'folder'))
    await execa('mkfifo', [join(room.folder, 'pipe')])
    await room.file('a\u001b[2Jb', 'x')
    expect(await anna.member.files.send(path)).toBe(false)
    expect(anna.rows.at(-1)).toMatch(/^! /)
    expect(anna.rows.at(-1)).toContain(sentence)
    expect(anna.rows.at(-1)).not.toContain('\u001b')
    expect(bob.rows).toHaveLength(2)
  })

  test('is larger than the limit', async () => {
    const path = join(room.folder, 'large')
    await writeFile(path, '')
    await truncate(path, limits.fileBytesMax)
    const sent = anna.member.files.send('large')
    await anna.sees('You offer large')
    expect(anna.member.files.cancel(1)).toBe(true)
    expect(await sent).toBe(false)
    await truncate(path, limits.fileBytesMax + 1)
    expect(await anna.member.files.send('large')).toBe(false)
    await anna.sees('the limit is 1.1 GB')
  })

  test('changed during the transfer, and its takers keep nothing of it', async () => {
    await room.file('log.txt', content)
    const sent = anna.member.files.send('log.txt')
    await bob.sees('anna offers')
    await truncate(join(room.folder, 'log.txt'), 200_000)
    expect(await bob.member.files.take(1, undefined)).toBe(false)
    expect(await sent).toBe(false)
    await anna.sees('! log.txt has changed while it was being sent. Nobody has kept it: send it again.')
    await bob.sees('Nothing was kept.')
    expect(await readdir(bob.folder)).toEqual([])
  })
})
