import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { safe } from '@frameport/client'
import { createServer, implement } from '@frameport/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { chat } from '../../src/chat-contract.ts'
import type { Receipt } from '../../src/file-contract.ts'
import { limits } from '../../src/limits.ts'
import { ChatRoom, type TestMember } from '../support/chat-room.ts'
import { settled } from '../support/manual-clock.ts'
import { noFigures } from '../support/no-figures.ts'

vi.setConfig({ testTimeout: 60_000 })

let room: ChatRoom
let anna: TestMember
let bob: TestMember
const content = randomBytes(300_000)

beforeEach(async () => {
  ;({ room, anna, bob } = await ChatRoom.withTwo())
})

afterEach(async () => {
  vi.useRealTimers()
  await room.close()
  expect(room.clock.timers).toBe(0)
})

const saved = ({ folder }: TestMember) => readFile(join(folder, 'notes.pdf'))

describe('An untrusted client', () => {
  const refusalOf = async (head: { name: string; bytes: number }) => {
    try {
      for await (const { kind } of anna.client.files.offer(head, [])) if (kind === 'offered') return 'offered'
      return 'ended'
    } catch (error) {
      const { code, message } = error as { code: string; message: string }
      expect(message).not.toMatch(/[^\n\P{Cc}]|\u202e/u)
      return code
    }
  }

  test.each([
    [{ name: '../x', bytes: 1 }, 'INVALID_ARGUMENT'],
    [{ name: '/etc/passwd', bytes: 1 }, 'INVALID_ARGUMENT'],
    [{ name: 'a\u001b[2J', bytes: 1 }, 'INVALID_ARGUMENT'],
    [{ name: 'gpj.\u202eexe', bytes: 1 }, 'INVALID_ARGUMENT'],
    [{ name: 'x'.repeat(limits.fileNameBytesMax + 1), bytes: 1 }, 'INVALID_ARGUMENT'],
    [{ name: 'x'.repeat(limits.fileNameBytesMax), bytes: 1 }, 'offered'],
    [{ name: 'x', bytes: -1 }, 'INVALID_ARGUMENT'],
    [{ name: 'x', bytes: 0.5 }, 'INVALID_ARGUMENT'],
    [{ name: 'x', bytes: limits.fileBytesMax + 1 }, 'INVALID_ARGUMENT'],
    [{ name: 'x', bytes: limits.fileBytesMax }, 'offered'],
  ])('may only offer files that the rules allow: %j', async (head, outcome) => {
    expect(await refusalOf(head)).toBe(outcome)
  })

  test.each([
    ['sends less than it offered', [content]],
    ['sends more than it offered', [content, new Uint8Array(33)]],
    ['sends pieces that are too long', [content.subarray(0, 1), new Uint8Array(65_537)]],
  ])('that %s causes no file to be kept', async (_what, chunks) => {
    // The client itself divides pieces that are too long. The parts are within the limit, but too many.
    const head = { name: 'notes.pdf', bytes: content.length }
    const sent = (async () => {
      for await (const _news of anna.client.files.offer(head, chunks));
    })()
    const ended = expect(sent).rejects.toMatchObject({ code: 'OFFER_ENDED', data: { why: 'broken' } })
    await bob.sees('anna offers')
    expect(await bob.member.files.take(1, undefined)).toBe(false)
    await ended
    await bob.sees('! The bytes that anna sent do not match the offer of notes.pdf. Nothing was kept.')
    expect(await readdir(bob.folder)).toEqual([])
    expect(room.service.offers.heldBytes).toBe(0)
  })

  test('is refused with an invalid number of a file', async () => {
    for (const file of [0, -1, 1.5, Number.MAX_SAFE_INTEGER + 1, '1' as unknown as number]) {
      expect(await safe(anna.client.files.decline({ file }))).toMatchObject({
        error: { code: 'INVALID_ARGUMENT' },
      })
    }
  })
})

describe('An untrusted server', () => {
  /** A server that offers one file and sends these bytes for it. */
  async function offering(
    name: string,
    bytes: number,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    end?: Promise<void>,
  ) {
    const receipts: Receipt[] = []
    const server = createServer(
      implement(chat).handlers({
        rooms: {
          join: ({ input }) => ({
            room: input.room,
            name: input.name,
            members: ['eve'],
            files: [{ file: 1, name, bytes, from: 'eve' }],
          }),
          history: () => ({ log: '', lines: [], isStart: true }),
          who: () => ({ members: [] }),
        },
        lines: { say: () => ({ lineNumber: 1 }), typing: () => {} },
        files: {
          async *offer() {},
          async *take({ upload }) {
            yield* chunks
            const receipt = await upload.next()
            if (!receipt.done) receipts.push(receipt.value)
            await end
          },
          decline: () => {},
          list: () => ({ files: [] }),
        },
        figures: noFigures,
        quit: () => {},
      }),
      { log: false, authorizeSubscribe: () => true },
    )
    const { url } = await server.listen('tcp://127.0.0.1:0')
    const carol = await room.enter('carol', url)
    return { carol, receipts, close: () => server.close({ graceMs: 0 }) }
  }

  const digest = createHash('sha256').update(content).digest()
  const flipped = Buffer.from(content)
  flipped[123_456] = (flipped[123_456] ?? 0) ^ 1

  test('that changes a byte is detected: the file is removed, and the sender informed', async () => {
    const { carol, receipts, close } = await offering('notes.pdf', content.length, [flipped, digest])
    expect(await carol.member.files.take(1, undefined)).toBe(false)
    await carol.sees(
      '! The checksum of notes.pdf is wrong: the file differs from the one that eve sent. It was removed.',
    )
    expect(receipts).toEqual([{ end: 'wrong' }])
    expect(await readdir(carol.folder)).toEqual([])
    await close()
  })

  test('that sends bytes after a file and its checksum does not change the file', async () => {
    const { carol, close } = await offering('notes.pdf', content.length, [
      content,
      digest,
      Buffer.from('more'),
    ])
    expect(await carol.member.files.take(1, undefined)).toBe(true)
    expect(await saved(carol)).toEqual(content)
    await close()
  })

  test('that sends a checksum that is too long causes no file to be kept', async () => {
    const chunks = [content, Buffer.concat([digest, digest])]
    const { carol, close } = await offering('notes.pdf', content.length, chunks)
    expect(await carol.member.files.take(1, undefined)).toBe(false)
    expect(await readdir(carol.folder)).toEqual([])
    await close()
  })

  test('that does not end the call is left after a while, and the file is saved', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { carol, close } = await offering(
      'notes.pdf',
      content.length,
      [content, digest],
      new Promise(() => {}),
    )
    const taken = carol.member.files.take(1, undefined)
    await carol.sees('The checksum is right')
    vi.advanceTimersByTime(limits.callDeadlineMs)
    expect(await taken).toBe(true)
    vi.useRealTimers()
    expect(await saved(carol)).toEqual(content)
    await close()
  })

  test('that sends endless bytes is left after a while', async () => {
    async function* endless() {
      for (;;) yield content
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { carol, close } = await offering('notes.pdf', content.length, endless())
    const taken = carol.member.files.take(1, undefined)
    await carol.sees('! The checksum of notes.pdf is wrong')
    vi.advanceTimersByTime(limits.callDeadlineMs)
    expect(await taken).toBe(false)
    vi.useRealTimers()
    expect(await readdir(carol.folder)).toEqual([])
    await close()
  })

  test('that ends a file too early causes no file to be kept', async () => {
    const { carol, close } = await offering('notes.pdf', content.length + 1, [content, digest])
    const taken = carol.member.files.take(1, undefined)
    await carol.sees('You take')
    await settled()
    await close()
    expect(await taken).toBe(false)
    expect(await readdir(carol.folder)).toEqual([])
  })

  test('that sends a name with a path, escapes or a leading dot causes a harmless name', async () => {
    const name = '../../\u001b[2J.b\u202eash:rc'
    const { carol, close } = await offering(name, content.length, [content, digest])
    await carol.sees('* eve offers ../../<U+001B>[2J.b<U+202E>ash:rc (300 kB)')
    expect(await carol.member.files.take(1, undefined)).toBe(true)
    expect(await readdir(carol.folder)).toEqual(['_[2J.b_ash_rc'])
    await close()
  })
})
