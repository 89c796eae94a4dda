import { RpcError } from '@frameport/protocol'
import { describe, expect, test } from 'vitest'
import type { HistoryPage, LinePlace } from '../../src/chat-contract.ts'
import { limits } from '../../src/limits.ts'
import { OlderLines } from '../../src/member/older-lines.ts'
import { readBack } from '../../src/member/read-back.ts'

/** A server with lines of these numbers. A test can replace its next answer. */
function history(numbers: readonly number[], log = 'aa') {
  const asked: (LinePlace | undefined)[] = []
  const state: { log: string; room: string; next: HistoryPage | RpcError | undefined } = {
    log,
    room: 'lobby',
    next: undefined,
  }
  const page = (before: LinePlace | undefined): HistoryPage => {
    const isKnown = before?.log === state.log
    const older = isKnown ? numbers.filter((number) => number < before.number) : numbers
    const lines = older
      .slice(-limits.historyLinesMax)
      .map((number) => ({ number, line: { atMs: 0, name: 'bob', text: `${number}` } }))
    return { log: state.log, lines, isStart: lines.length === older.length }
  }
  const client = {
    rooms: {
      async history({ before }: { readonly before?: LinePlace | undefined }) {
        asked.push(before)
        const answer = state.next ?? page(before)
        state.next = undefined
        if (answer instanceof Error) throw answer
        return answer
      },
    },
  }
  return { client: client as never, asked, state, page }
}

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe('Older lines', () => {
  function older(numbers: readonly number[]) {
    const server = history(numbers)
    const lines = new OlderLines({
      client: server.client,
      room: () => server.state.room,
      make: (call) => call(),
      sentenceOf: ({ code }) => code,
    })
    lines.isIn(server.page(undefined))
    const read = async (before?: LinePlace) => {
      const page = await lines.read(before)
      return 'fault' in page
        ? page.fault
        : { texts: page.lines.map(({ text }) => Number(text)), isStart: page.isStart }
    }
    return { ...server, lines, read }
  }

  test('come page by page, and the last page ends the reading without a further request', async () => {
    const { read, asked } = older(upTo(120))
    expect(await read()).toEqual({ texts: upTo(70, 21), isStart: false })
    expect(await read()).toEqual({ texts: upTo(20), isStart: true })
    expect(await read()).toEqual({ texts: [], isStart: true })
    expect(asked).toHaveLength(2)
  })

  test('do not exist in a room without lines or with one page of lines', async () => {
    for (const room of [older(upTo(50)), older([])]) {
      expect(await room.read()).toEqual({ texts: [], isStart: true })
      expect(room.asked).toEqual([])
    }
  })

  test('are read again before a line whose older rows were forgotten', async () => {
    const { read } = older(upTo(120))
    for (let page = 0; page < 2; page += 1) await read()
    expect(await read({ log: 'aa', number: 90 })).toEqual({ texts: upTo(89, 40), isStart: false })
    expect(await read()).toEqual({ texts: [], isStart: true })
  })

  test('are not shown if they are from another room or from a log that has lost them', async () => {
    const { read, state, lines, page } = older(upTo(120))
    const reading = read()
    state.room = 'dev'
    expect(await reading).toEqual({ texts: [], isStart: false })
    state.log = 'bb'
    expect(await read()).toEqual({ texts: [], isStart: false })
    lines.isIn(page(undefined))
    expect(await read({ log: 'aa', number: 71 })).toEqual({ texts: [], isStart: true })
  })

  test('are reported when they cannot be read, and can be requested again', async () => {
    const { read, state } = older(upTo(60))
    state.next = new RpcError('RESOURCE_EXHAUSTED', 'no')
    expect(await read()).toBe('RESOURCE_EXHAUSTED')
    expect(await read()).toEqual({ texts: upTo(10), isStart: true })
  })
})

describe('Reading back', () => {
  const numbersIn = async (numbers: readonly number[], known?: LinePlace) => {
    const { client, asked } = history(numbers)
    const read = await readBack(client, known)
    if (!read.ok) throw read.error
    const { lines, isWhole } = read.data
    return { numbers: lines.map(({ number }) => number), isWhole, pages: asked.length }
  }

  test('reads one page for a newcomer', async () => {
    expect(await numbersIn(upTo(120))).toEqual({ numbers: upTo(120, 71), isWhole: false, pages: 1 })
  })

  test.each([
    ['in the newest page', 118, 71, 1],
    ['two pages back', 30, 21, 2],
    ['before the first line', 0, 1, 3],
  ])('continues to the known line: %s', async (_where, number, first, pages) => {
    expect(await numbersIn(upTo(120), { log: 'aa', number })).toEqual({
      numbers: upTo(120, first),
      isWhole: true,
      pages,
    })
  })

  test('ends at a limit, and reports that lines are missing', async () => {
    const { numbers, isWhole } = await numbersIn(upTo(2_000), { log: 'aa', number: 3 })
    expect([numbers, isWhole]).toEqual([upTo(2_000, 2_001 - limits.missedLinesMax), false])
  })

  test('reports that lines are missing if the known line was deleted from the log', async () => {
    expect(await numbersIn(upTo(60, 20), { log: 'aa', number: 3 })).toMatchObject({ isWhole: false })
  })

  test('reads only one page if the log is not the known one', async () => {
    expect(await numbersIn(upTo(120), { log: 'bb', number: 3 })).toMatchObject({ isWhole: false, pages: 1 })
  })

  test('starts again when the log was replaced between two pages', async () => {
    const { client, state, page } = history(upTo(120))
    const reading = readBack(client, { log: 'aa', number: 3 })
    state.log = 'bb'
    await expect(reading).resolves.toMatchObject({ ok: true, data: { log: 'bb', isWhole: false } })
    expect(page(undefined).log).toBe('bb')
  })

  test('fails with the error of the server', async () => {
    const { client, state } = history([])
    state.next = new RpcError('UNAVAILABLE', 'gone')
    expect(await readBack(client, undefined)).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } })
  })
})
