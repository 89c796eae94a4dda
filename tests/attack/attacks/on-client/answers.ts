import { json, noBody } from '../../../support/envelopes.ts'
import { attacksOnClients } from '../../support/attack.ts'
import {
  answerCalls,
  greet,
  greetAndAwaitCalls,
  strike,
  untilOver,
} from '../../support/on-client/evil-server.ts'
import { answersOf, numbered, pourNumbered } from '../../support/on-client/forms.ts'
import { deep, many, more, result, wide } from '../../support/on-client/replies.ts'
import { pour } from '../../support/pour.ts'
import { frame } from '../../support/raw-connection.ts'

const KiB = 1024
const slotsWithoutEnd = { settings: [[4, Number.MAX_SAFE_INTEGER]] } as const
/** Texts of the maximum length, full of characters that move the cursor or break a line. */
const oddCode = '\u001b[2J'.repeat(30)
const oddText = '\u202e\u009b31m\u0000\u2028'.repeat(80)

export const answerAttacks = attacksOnClients('answers', [
  {
    name: 'unasked-answers',
    about: 'results of calls that were never made',
    connections: 16,
    deedsPerSecondMin: 100,
    work: { calls: 4 },
    serve: numbered((number) => result(1_000_001 + 2 * number)),
  },
  {
    name: 'repeated-answers',
    about: 'every answer a thousand times',
    connections: 4,
    deedsPerSecondMin: 5_000,
    work: { calls: 16 },
    serve: (onslaught) =>
      answerCalls(onslaught, ({ callId }) => ({
        bytes: many(result(callId, json('{"text":"again"}')), 1_000),
        deeds: 1_000,
      })),
  },
  {
    name: 'half-answers',
    about: 'answers of 256 calls in pieces, without the last piece',
    connections: 4,
    deedsPerSecondMin: 64,
    work: { calls: 256, deadlineMs: 'none' },
    async serve(onslaught) {
      const ids = await greetAndAwaitCalls(onslaught, 256)
      const piece = { encoding: 'raw', bytes: new Uint8Array(16 * KiB) } as const
      for (let round = 0; round < 10; round++) {
        for (const callId of ids) {
          await strike(onslaught, round === 0 ? result(callId, piece, true) : more(callId, piece))
        }
      }
      await untilOver(onslaught)
    },
  },
  {
    name: 'crumbled-answers',
    about: 'answers in pieces of one byte each',
    connections: 4,
    deedsPerSecondMin: 5_000,
    work: { calls: 16, deadlineMs: 'none' },
    async serve(onslaught) {
      const ids = await greetAndAwaitCalls(onslaught, 16)
      const crumb = { encoding: 'raw', bytes: new Uint8Array(1) } as const
      for (const callId of ids) await strike(onslaught, result(callId, crumb, true))
      const round = Buffer.concat(
        ids.flatMap((callId) => Array.from({ length: 32 }, () => more(callId, crumb))),
      )
      await pour(onslaught.connection, onslaught, () => ({ bytes: round, deeds: 32 * ids.length }))
    },
  },
  {
    name: 'deep-answers',
    about: 'answers of nested arrays, as deep as a frame allows, and just below the limit',
    connections: 4,
    deedsPerSecondMin: 20,
    work: { calls: 16 },
    serve: answersOf(deep(400_000), deep(127)),
  },
  {
    name: 'wide-answers',
    about: 'answers of three hundred thousand empty arrays',
    connections: 4,
    deedsPerSecondMin: 5,
    work: { calls: 16 },
    serve: answersOf(wide(900_000)),
  },
  {
    name: 'wrong-answers',
    about: 'thousands of answers that do not match the schema',
    connections: 4,
    deedsPerSecondMin: 100,
    work: { calls: 64, procedure: 'echo' },
    serve: answersOf(json('{"text":7}'), json('"\\u001b[2J')),
  },
  {
    name: 'wrong-rows',
    about: 'answers of seventy thousand rows, each of them wrong',
    connections: 4,
    deedsPerSecondMin: 4,
    work: { calls: 1, procedure: 'rows' },
    serve: answersOf(json(`[${'{"id":""},'.repeat(70_000)}{"id":""}]`)),
  },
  {
    name: 'odd-failures',
    about: 'failures with the longest codes, texts and data, and control characters in all of them',
    connections: 4,
    deedsPerSecondMin: 20,
    work: { calls: 16 },
    serve: (onslaught) =>
      answerCalls(onslaught, ({ callId }) => ({
        bytes: frame({
          kind: 'failure',
          callId,
          code: callId % 4 === 1 ? 'ODD' : oddCode,
          text: oddText,
          maybeExecuted: true,
          retryAfterMs: Number.MAX_SAFE_INTEGER,
          metadata: {},
          body: wide(300_000),
        }),
        deeds: 1,
      })),
  },
  {
    name: 'no-answers',
    about: 'accepts calls without end, and answers none',
    connections: 1,
    deedsPerSecondMin: 50,
    work: { calls: 64, inputBytes: 20_000, deadlineMs: 200 },
    serve: (onslaught) =>
      answerCalls(onslaught, () => ({ bytes: new Uint8Array(0), deeds: 1 }), slotsWithoutEnd),
  },
  {
    name: 'started-for-ever',
    about: 'reports repeatedly that handlers have started, and sends nothing else',
    connections: 4,
    deedsPerSecondMin: 1_000,
    work: { calls: 16, deadlineMs: 'none' },
    async serve(onslaught) {
      const ids = await greetAndAwaitCalls(onslaught, 16)
      const metadata = { from: 'v'.repeat(500) }
      const bytes = Buffer.concat(ids.map((callId) => frame({ kind: 'started', callId, metadata })))
      await pour(onslaught.connection, onslaught, () => ({ bytes: many(bytes, 8), deeds: 8 * ids.length }))
    },
  },
  {
    name: 'calls-to-clients',
    about: 'calls and subscriptions, which a client refuses, without reading the refusals',
    connections: 8,
    deedsPerSecondMin: 1_000,
    work: { calls: 4 },
    async serve(onslaught) {
      await greet(onslaught)
      onslaught.connection.socket.pause()
      await pourNumbered(onslaught, (number) => {
        const callId = 2 * number + 2
        return number % 2 === 0
          ? frame({
              kind: 'call',
              callId,
              procedure: 'target@1/echo',
              upload: false,
              metadata: {},
              body: noBody,
            })
          : frame({ kind: 'subscribe', callId, event: 'target@1/line', topic: '', metadata: {} })
      })
    },
  },
])
