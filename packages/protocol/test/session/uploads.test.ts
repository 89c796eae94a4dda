import { describe, expect, it } from 'vitest'
import { credit } from '../support/raw-peer.ts'
import { connected, startCall, value } from '../support/sessions.ts'
import { Reader } from '../support/upload-reader.ts'

describe('an upload from one session to another', () => {
  it('delivers the items in order, then the end, and gets the result', async () => {
    const { client, server, time } = await connected()
    const reader = new Reader(server.recorder)
    const outcome = startCall(client.session, 'a/b', { upload: true, input: value('head') })
    for (const number of [1, 2, 3]) outcome.call.upload?.send(value(number))
    outcome.call.upload?.end()
    await time.settle()
    expect([reader.call.kind, reader.call.input, reader.seen]).toEqual([
      'client-stream',
      value('head'),
      [1, 2, 3, 'end'],
    ])
    reader.call.respond(value('sum'))
    await time.settle()
    expect([outcome.value, client.session.callsInFlight, server.session.callsInFlight]).toEqual(['sum', 0, 0])
  })

  it('can go both ways at once, with separate numbers and credit for each direction', async () => {
    const { client, server, time } = await connected()
    const reader = new Reader(server.recorder)
    const outcome = startCall(client.session, 'a/b', { upload: true, initialCredit: credit(2) })
    await time.settle()
    reader.call.sendItem(value('a'))
    outcome.call.upload?.send(value(1))
    outcome.call.upload?.send(value(2))
    reader.call.sendItem(value('b'))
    await time.settle()
    expect([reader.call.kind, reader.seen, reader.call.canSendItem]).toEqual(['both-ways', [1, 2], false])
    expect(outcome.items).toEqual([value('a'), value('b')])
    reader.call.end()
    await time.settle()
    expect(outcome.code).toBe('OK')
    outcome.call.upload?.send(value(3))
    expect(await outcome.call.upload?.ready()).toBe(false)
  })

  it('waits for the last piece of a long input, and sends long items in pieces', async () => {
    const limits = { pieceBytes: 100 }
    const { client, server, time } = await connected({ client: { limits }, server: { limits } })
    const reader = new Reader(server.recorder)
    const long = 'x'.repeat(1_000)
    const outcome = startCall(client.session, 'a/b', { upload: true, input: value(long) })
    const upload = outcome.call.upload!
    for (const text of [long, 'short', long]) {
      if (!upload.canSend) expect(await Promise.race([upload.ready(), time.advance(10)])).toBe(true)
      upload.send(value(text))
    }
    upload.end()
    await time.advance(10)
    expect(reader.seen).toEqual([long, 'short', long, 'end'])
  })

  it.each([true, false])(
    'reaches a callee after its call has waited for a slot (ended: %s)',
    async (ends) => {
      const { client, server, time } = await connected({ server: { limits: { callsInFlightMax: 1 } } })
      startCall(client.session)
      await time.settle()
      const [first] = server.recorder.calls
      const reader = new Reader(server.recorder)
      const outcome = startCall(client.session, 'a/b', { upload: true })
      const { upload } = outcome.call
      expect(upload?.canSend).toBe(false)
      const ready = upload?.ready()
      if (ends) upload?.end()
      first?.respond(value(1))
      await time.settle()
      expect(await ready).toBe(!ends)
      if (!ends) upload?.send(value('late'))
      await time.settle()
      expect(reader.seen).toEqual(ends ? ['end'] : ['late'])
    },
  )
})
