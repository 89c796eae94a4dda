import type { ClientAttack } from '../../support/attack.ts'
import { greet, rest, strike, untilOver } from '../../support/on-client/evil-server.ts'
import { halfFrame } from '../../support/on-client/replies.ts'

const KiB = 1024

export const frameAttacks: readonly ClientAttack[] = [
  {
    target: 'client',
    name: 'half-server-frames',
    about: 'frames of 900 KiB on 32 connections, each without its last byte',
    connections: 32,
    innocent: 'items',
    deedsPerSecondMin: 1,
    work: {},
    async serve(onslaught) {
      await greet(onslaught)
      await strike(onslaught, halfFrame(900 * KiB, 900 * KiB - 1))
      await untilOver(onslaught)
    },
  },
  {
    target: 'client',
    name: 'slow-server-drips',
    about: 'a frame on each of 256 connections, with one byte every 200 ms',
    connections: 256,
    innocent: 'items',
    deedsPerSecondMin: 200,
    work: {},
    async serve(onslaught) {
      await greet(onslaught)
      await strike(onslaught, halfFrame(900 * KiB, 1))
      while (!onslaught.isOver() && !onslaught.connection.isClosed) {
        await strike(onslaught, new Uint8Array(1))
        await rest(onslaught, 200)
      }
    },
  },
  {
    target: 'client',
    name: 'huge-frames',
    about: 'headers with the largest length, or with reserved bits, without their frames',
    connections: 16,
    innocent: 'items',
    deedsPerSecondMin: 100,
    work: { calls: 4 },
    async serve(onslaught) {
      await greet(onslaught)
      await strike(onslaught, halfFrame(onslaught.index % 2 === 0 ? 2 ** 30 - 1 : 2 ** 32 - 1, 0))
      await rest(onslaught, 50)
    },
  },
  {
    target: 'client',
    name: 'reads-nothing',
    about: 'a server that grants unlimited slots and reads no call',
    connections: 4,
    innocent: 'answers',
    deedsPerSecondMin: 20,
    work: { calls: 64, inputBytes: 100_000, deadlineMs: 500 },
    async serve(onslaught) {
      await greet(onslaught, undefined, { settings: [[4, Number.MAX_SAFE_INTEGER]] })
      onslaught.connection.socket.pause()
      while (!onslaught.isOver() && !onslaught.connection.isClosed) {
        await rest(onslaught, 100)
        onslaught.counts.deeds += 1
      }
    },
  },
]
