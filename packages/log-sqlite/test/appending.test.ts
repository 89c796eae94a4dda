import { describe, expect, it } from 'vitest'
import { all, cleaningUp, failureOf, line, lobby, newPath, open, page, start, texts } from './log-support.ts'

cleaningUp()

const kitchen = { ...lobby, topic: '{"room":"kitchen"}' }

describe('append', () => {
  it('gives each event the next number, with one numbering for all topics', async () => {
    const log = await open(':memory:')
    const places = await Promise.all([
      log.append(line('a')),
      log.append(line('b', kitchen)),
      log.append(line('c')),
    ])
    expect(places.map(({ number }) => number)).toEqual([1, 2, 3])
    expect(places[0].log).toHaveLength(16)
    expect(texts(await all(log))).toEqual(['a', 'c'])
    expect(texts(await all(log, kitchen))).toEqual(['b'])
  })

  it('keeps an event with an id once, even if it is appended twice at the same time', async () => {
    const log = await open(':memory:')
    const first = log.append(line('a', { id: 'x' }))
    const again = log.append(line('another', { id: 'x' }))
    expect(await first).toEqual({ log: expect.any(Uint8Array), number: 1 })
    expect(await again).toEqual({ log: expect.any(Uint8Array), number: 1, isRepeat: true })
    expect(await log.append(line('b', { id: 'x', ...kitchen }))).toMatchObject({ number: 2 })
    expect(await log.append(line('a', { id: 'x' }))).toMatchObject({ number: 1, isRepeat: true })
    expect(texts(await all(log))).toEqual(['a'])
  })

  it.each([['\0'], ['\0\0'], ['\ud800'], ['\udfff'], ['"'], ['\\u0000'], ['é'], ['x'.repeat(256)]])(
    'distinguishes the id %j from all others',
    async (id) => {
      const log = await open(':memory:')
      for (const other of ['', '\0x', '\ud801', '\ufffd', '\\"', 'e'])
        await log.append(line('other', { id: other }))
      expect(await log.append(line('a', { id }))).not.toHaveProperty('isRepeat')
      expect(await log.append(line('a', { id }))).toMatchObject({ number: 7, isRepeat: true })
    },
  )

  it('keeps bytes of every kind unchanged', async () => {
    const log = await open(newPath())
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251)
    const bodies = [
      { encoding: 'raw', bytes },
      { encoding: 'codec', bytes: bytes.subarray(5, 8) },
      { encoding: 'none', bytes: new Uint8Array(0) },
      { encoding: 'raw', bytes: new Uint8Array(0) },
    ] as const
    await Promise.all(bodies.map((body) => log.append({ ...lobby, body })))
    const { entries } = await log.after({ ...page, position: await start(log) })
    expect(entries.map(({ body }) => ({ ...body, bytes: Buffer.from(body.bytes) }))).toEqual(
      bodies.map((body) => ({ ...body, bytes: Buffer.from(body.bytes) })),
    )
  })

  it('uses the bytes at the time of the call, which the caller may change afterwards', async () => {
    const log = await open(':memory:')
    const bytes = Uint8Array.from([1, 2, 3])
    await log.append({ ...lobby, body: { encoding: 'raw', bytes } })
    expect(bytes).toEqual(Uint8Array.from([1, 2, 3]))
  })

  it('refuses events over waitingBytesMax, and accepts events again afterwards', async () => {
    const cost = 100 + lobby.event.length + lobby.topic.length + 64
    const log = await open(':memory:', { limits: { waitingBytesMax: 3 * cost } })
    const hundred = { ...lobby, body: { encoding: 'raw', bytes: new Uint8Array(100) } } as const
    const atLimit = Promise.all([log.append(hundred), log.append(hundred), log.append(hundred)])
    expect((await failureOf(log.append(hundred))).code).toBe('TOO_MUCH_WAITING')
    expect((await failureOf(log.append(hundred))).message).toContain(`waitingBytesMax is ${3 * cost}`)
    expect((await atLimit).map(({ number }) => number)).toEqual([1, 2, 3])
    expect(await log.append(hundred)).toMatchObject({ number: 4 })
  })

  it.each(['bytesMax', 'waitingBytesMax'] as const)(
    'refuses an event that is longer than %s, and a much longer one',
    async (name) => {
      const cost = 1000 + lobby.event.length + lobby.topic.length + 64
      const log = await open(':memory:', { limits: { [name]: cost } })
      const event = (length: number) =>
        ({ ...lobby, body: { encoding: 'raw', bytes: new Uint8Array(length) } }) as const
      expect(await log.append(event(1000))).toMatchObject({ number: 1 })
      const failure = await failureOf(log.append(event(1001)))
      expect(failure.code).toBe('EVENT_TOO_LONG')
      expect(failure.message).toContain(name)
      expect((await failureOf(log.append(event(1_000_000)))).code).toBe('EVENT_TOO_LONG')
      expect(await all(log)).toHaveLength(1)
    },
  )

  it('has written all appended events when close settles, and accepts none afterwards', async () => {
    const path = newPath()
    const log = await open(path)
    const places = [log.append(line('a')), log.append(line('b'))]
    await log.close()
    expect((await Promise.all(places)).map(({ number }) => number)).toEqual([1, 2])
    expect((await failureOf(log.append(line('c')))).code).toBe('LOG_CLOSED')
    expect((await failureOf(log.after({ ...page, position: undefined }))).code).toBe('LOG_CLOSED')
    expect(() => log.follow(lobby, { event: () => undefined, missed: () => undefined })).toThrow('closed')
    expect(texts(await all(await open(path)))).toEqual(['a', 'b'])
  })

  it('is closed by await using', async () => {
    const path = newPath()
    {
      await using log = await open(path)
      await log.append(line('a'))
    }
    expect(texts(await all(await open(path)))).toEqual(['a'])
  })
})
