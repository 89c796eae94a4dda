import { describe, expect, it } from 'vitest'
import { peerText } from '../../src/envelope/peer-text.ts'
import { openProbe, probe } from '../support/raw-peer.ts'
import { startCall } from '../support/sessions.ts'

describe('a text of the peer', () => {
  it.each([
    ['plain text is unchanged', 'Zimmer ä \u{1f600}', 'Zimmer ä \u{1f600}'],
    [
      'escape sequences lose their control characters',
      '\u001b[31mred\u001b]0;title\u0007',
      '\ufffd[31mred\ufffd]0;title\ufffd',
    ],
    ['line breaks and tabs become spaces', 'a\r\nb\tc\u2028d', 'a b c d'],
    ['C1 control characters are replaced', 'a\u009b31mb', 'a\ufffd31mb'],
    ['characters that change the direction are replaced', 'a\u202eb\u2066c', 'a\ufffdb\ufffdc'],
  ])('%s', (_, text, shown) => {
    expect(peerText(text)).toBe(shown)
  })

  const escaped = '\u001b[2J'
  const none = { encoding: 'none', bytes: new Uint8Array() } as const

  it('is shown without control characters in a failure', async () => {
    const { peer, time, session } = await openProbe('client')
    const outcome = startCall(session)
    const failure = { code: `A${escaped}`, text: `b${escaped}`, maybeExecuted: false } as const
    peer.send({ kind: 'failure', callId: 1, ...failure, metadata: {}, body: none })
    await time.settle()
    expect([outcome.error?.code, outcome.error?.message]).toEqual(['A\ufffd[2J', 'b\ufffd[2J'])
  })

  it('is shown without control characters in a cancel, a refusal, a goaway and a dropped event', async () => {
    const server = await openProbe('server')
    server.peer.send(
      { kind: 'call', callId: 1, procedure: 'a/b', upload: false, metadata: {}, body: none },
      { kind: 'cancel', callId: 1, code: `A${escaped}`, text: `b${escaped}` },
    )
    const client = probe('client')
    client.peer.send({ kind: 'refused', code: `A${escaped}`, text: `b${escaped}`, metadata: {}, body: none })
    const left = await openProbe('client')
    left.peer.send(
      {
        kind: 'event',
        event: `a${escaped}`,
        topic: escaped,
        metadata: {},
        body: { ...none, encoding: 'codec' },
      },
      { kind: 'goaway', code: `A${escaped}`, text: `b${escaped}`, metadata: {} },
    )
    await server.time.settle()
    await client.time.advance(2_000)
    await left.time.advance(2_000)
    const shown = JSON.stringify([
      server.recorder.calls[0]?.signal.reason.message,
      client.recorder.closes,
      left.recorder.dropped,
      left.recorder.closes,
    ])
    expect(shown).not.toContain('\\u001b')
    expect(shown.split('\ufffd').length).toBeGreaterThan(5)
  })
})
