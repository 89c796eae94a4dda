import { noBody } from '../../../support/envelopes.ts'
import { attacksOnClients } from '../../support/attack.ts'
import { greet, greetAndAwaitCalls, rest } from '../../support/on-client/evil-server.ts'
import { poursOf } from '../../support/on-client/forms.ts'
import { many } from '../../support/on-client/replies.ts'
import { pour } from '../../support/pour.ts'
import { frame, framed } from '../../support/raw-connection.ts'

/** Unknown kinds of the link and of the session, which a receiver ignores. */
const unknownKinds = Buffer.concat([framed(Uint8Array.of(0xca, 1)), framed(Uint8Array.of(0x8a, 1))])
const skips = frame({ kind: 'skip' })
const challenge = frame({ kind: 'challenge', id: 1, metadata: {}, body: noBody })
const verdict = frame({ kind: 'verdict', id: 7, refusal: { code: 'DENIED', text: 'x'.repeat(900) } })
const goaway = frame({ kind: 'goaway', code: 'CLOSED', text: 'x'.repeat(900), metadata: {} })

export const clientLinkAttacks = attacksOnClients('items', [
  {
    name: 'tiny-server-frames',
    about: 'a million frames of two bytes that mean nothing',
    connections: 4,
    deedsPerSecondMin: 5_000,
    work: { calls: 4 },
    serve: poursOf({
      bytes: many(Buffer.concat([unknownKinds, skips]), 300),
      deeds: 900,
    }),
  },
  {
    name: 'server-pings',
    about: 'pings without a pause, whose pongs are not read',
    connections: 16,
    deedsPerSecondMin: 500,
    work: { calls: 4 },
    async serve(onslaught) {
      await greet(onslaught)
      onslaught.connection.socket.pause()
      const pings = many(frame({ kind: 'ping', token: 1 }), 500)
      await pour(onslaught.connection, onslaught, () => ({ bytes: pings, deeds: 500 }))
    },
  },
  {
    name: 'server-settings',
    about: 'challenges and verdicts on an open session, repeatedly',
    connections: 16,
    deedsPerSecondMin: 500,
    work: { calls: 4 },
    serve: poursOf({ bytes: many(challenge, 50), deeds: 50 }, { bytes: many(verdict, 50), deeds: 50 }),
  },
  {
    name: 'server-goaways',
    about: 'announcements of an end that never comes',
    connections: 4,
    deedsPerSecondMin: 500,
    work: { calls: 4 },
    serve: poursOf({ bytes: many(goaway, 50), deeds: 50 }),
  },
  {
    name: 'final-goaways',
    about: 'an end with a call left open, and then an end with fewer calls, down to none',
    connections: 16,
    deedsPerSecondMin: 100,
    work: { calls: 16, deadlineMs: 'none' },
    async serve(onslaught) {
      const ids = await greetAndAwaitCalls(onslaught, 16)
      const ends = ids.reverse().map((lastCallId) =>
        frame({
          kind: 'goaway',
          code: 'CLOSED',
          text: '',
          lastCallId,
          retryAfterMs: 2 ** 53 - 1,
          metadata: {},
        }),
      )
      await onslaught.connection.write(Buffer.concat(ends))
      onslaught.counts.bytes += ends.length * 20
      onslaught.counts.deeds += ends.length
      await rest(onslaught, 100)
    },
  },
  {
    name: 'credit-for-nothing',
    about: 'credit for calls that send no items: zero, and the largest possible number',
    connections: 16,
    deedsPerSecondMin: 100,
    work: { calls: 16, deadlineMs: 'none' },
    async serve(onslaught) {
      const ids = await greetAndAwaitCalls(onslaught, 16)
      const endless = { items: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER }
      const [first = 1] = ids
      // Credit of zero. No encoder creates it, so its bytes are written here.
      const zero = framed(Uint8Array.of(0x07, 0, 1, 0, 0))
      const bytes =
        onslaught.index % 2 === 0
          ? many(frame({ kind: 'credit', callId: first, ...endless }), 500)
          : many(zero, 500)
      await pour(onslaught.connection, onslaught, () => ({ bytes, deeds: 500 }))
    },
  },
])
