import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import type { Client } from '@frameport/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { chat } from '../../src/chat-contract.ts'
import type { OfferNews, Receipt } from '../../src/file-contract.ts'
import { limits } from '../../src/limits.ts'
import { PartFile } from '../../src/terminal/files/part-file.ts'
import { ChatRoom, type TestMember } from '../support/chat-room.ts'
import { settled } from '../support/manual-clock.ts'

vi.setConfig({ testTimeout: 60_000 })

let room: ChatRoom
let anna: TestMember
let bob: TestMember
const content = randomBytes(300_000)

beforeEach(async () => {
  ;({ room, anna, bob } = await ChatRoom.withTwo())
})

afterEach(async () => {
  vi.restoreAllMocks()
  await room.close()
  expect(room.service.offers.count).toBe(0)
  expect(room.clock.timers).toBe(0)
})

async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

/** A file whose bytes a test sends: first half of them, and the rest when the test says so. */
function halfSent(client: Client<typeof chat>) {
  let letGo!: () => void
  const rest = new Promise<void>((resolve) => {
    letGo = resolve
  })
  async function* upload() {
    yield content.subarray(0, 60_000)
    await rest
    for (let at = 60_000; at < content.length; at += 60_000) yield content.subarray(at, at + 60_000)
    yield createHash('sha256').update(content).digest()
  }
  const controller = new AbortController()
  const news: OfferNews[] = []
  const done = (async () => {
    const heard = client.files.offer({ name: 'notes.pdf', bytes: content.length }, upload(), {
      signal: controller.signal,
    })
    for await (const one of heard) news.push(one)
  })()
  return { letGo, cancel: () => controller.abort(), news, done: safeEnd(done) }
}

const safeEnd = (done: Promise<void>) =>
  done.then(
    () => 'done',
    ({ code, data }) => `${code} ${data === undefined ? '' : JSON.stringify(data)}`.trim(),
  )

/**
 * Bob takes a file, is informed, and has a part of it. The returned object prevents `await` from waiting for the whole
 * file.
 */
async function halfTaken(sent: ReturnType<typeof halfSent>): Promise<{ taken: Promise<boolean> }> {
  await bob.sees('anna offers')
  const taken = bob.member.files.take(1, undefined)
  await bob.sees('You take')
  await eventually(() => sent.news.some(({ kind }) => kind === 'begun'))
  await eventually(() => room.service.offers.heldBytes === 0)
  await settled()
  return { taken }
}

async function nothingKept(): Promise<void> {
  expect(await readdir(bob.folder)).toEqual([])
  expect(room.service.offers.heldBytes).toBe(0)
}

describe('A file that does not arrive completely', () => {
  test('is taken back by its sender', async () => {
    const sent = halfSent(anna.client)
    const { taken } = await halfTaken(sent)
    sent.cancel()
    expect(await taken).toBe(false)
    await bob.sees('! anna has taken notes.pdf back. Nothing was kept.')
    expect(await sent.done).toBe('CANCELLED')
    await nothingKept()
  })

  test('ends when the connection of its sender is lost', async () => {
    const sent = halfSent(anna.client)
    const { taken } = await halfTaken(sent)
    for (const connection of room.server.connections) {
      if ((connection.context as { visitor: { name: string } }).visitor.name === 'anna')
        void connection.close({ graceMs: 0 })
    }
    expect(await taken).toBe(false)
    await bob.sees('! The connection of anna was lost before all of notes.pdf arrived. Nothing was kept.')
    expect(await sent.done).toBe('UNAVAILABLE')
    await nothingKept()
  })

  test('ends when its only taker stops', async () => {
    const sent = halfSent(anna.client)
    const { taken } = await halfTaken(sent)
    expect(bob.member.files.cancel(1)).toBe(true)
    expect(await taken).toBe(false)
    await bob.sees('* You have stopped taking notes.pdf.')
    expect(await sent.done).toBe('OFFER_ENDED {"why":"abandoned"}')
    expect(sent.news.at(-1)).toEqual({ kind: 'ended', name: 'bob', end: 'left' })
    await nothingKept()
  })

  test('loses a taker, and the others receive all of it', async () => {
    const carol = await room.enter('carol')
    const sent = halfSent(anna.client)
    await carol.sees('anna offers')
    const takenToo = carol.member.files.take(1, undefined)
    const { taken } = await halfTaken(sent)
    await bob.client.$close({ graceMs: 0 })
    expect(await taken).toBe(false)
    await eventually(() => sent.news.some(({ kind }) => kind === 'ended'))
    sent.letGo()
    expect(await takenToo).toBe(true)
    expect(await sent.done).toBe('done')
    expect(sent.news.slice(-2)).toEqual([
      { kind: 'ended', name: 'bob', end: 'left' },
      { kind: 'ended', name: 'carol', end: 'saved' },
    ])
    await nothingKept()
  })

  test('is given up by both sides at the same time', async () => {
    const sent = halfSent(anna.client)
    const { taken } = await halfTaken(sent)
    sent.cancel()
    bob.member.files.cancel(1)
    expect(await taken).toBe(false)
    expect(await sent.done).toBe('CANCELLED')
    await nothingKept()
  })

  test('ends if a taker does not report the result', async () => {
    const sent = halfSent(anna.client)
    sent.letGo()
    await bob.sees('anna offers')
    let bytes = 0
    const taken = (async () => {
      const silence = (async function* (): AsyncGenerator<Receipt> {
        await new Promise(() => undefined)
      })()
      for await (const chunk of bob.client.files.take({ file: 1 }, silence)) bytes += chunk.length
    })()
    await eventually(() => bytes === content.length + 32)
    await eventually(() => room.clock.isDueIn(limits.fileReceiptMs))
    await room.clock.move(limits.fileReceiptMs)
    await taken
    expect(await sent.done).toBe('done')
    expect(sent.news.at(-1)).toEqual({ kind: 'ended', name: 'bob', end: 'silent' })
  })

  test('is not regarded as saved if a taker reports that too early', async () => {
    const sent = halfSent(anna.client)
    await bob.sees('anna offers')
    const stream = bob.client.files.take({ file: 1 }, [{ end: 'saved' }])
    for await (const _chunk of stream);
    expect(await sent.done).toBe('OFFER_ENDED {"why":"abandoned"}')
    expect(sent.news.at(-1)).toEqual({ kind: 'ended', name: 'bob', end: 'left' })
  })

  test('ends for a taker with a full disk, who reports it to the sender, and the others continue', async () => {
    const carol = await room.enter('carol')
    const sent = anna.member.files.send(await room.file('notes.pdf', content))
    await carol.sees('anna offers')
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' })
    vi.spyOn(PartFile.prototype, 'write').mockRejectedValueOnce(full)
    const taken = [bob, carol].map(({ member }) => member.files.take(1, undefined))
    expect((await Promise.all(taken)).sort()).toEqual([false, true])
    expect(await sent).toBe(false)
    expect(anna.rows.filter((row) => row.includes('could not save notes.pdf'))).toHaveLength(1)
    const unlucky = bob.rows.some((row) => row.startsWith('! There is no space left for ')) ? bob : carol
    expect(await readdir(unlucky.folder)).toEqual([])
  })

  test('is not requested if it cannot be saved in the given place', async () => {
    const sent = anna.member.files.send(await room.file('notes.pdf', content))
    await bob.sees('anna offers')
    expect(await bob.member.files.take(1, '/dev/null/x')).toBe(false)
    await bob.sees('! /dev/null/x cannot be written: a part of its path is not a folder.')
    expect(await bob.member.files.take(1, undefined)).toBe(true)
    expect(await sent).toBe(true)
  })

  test('is not kept by a member who leaves the chat', async () => {
    const sent = halfSent(anna.client)
    const { taken } = await halfTaken(sent)
    await bob.member.quit()
    expect(await taken).toBe(false)
    expect(await sent.done).toBe('OFFER_ENDED {"why":"abandoned"}')
    await nothingKept()
  })
})
