import { noBody, welcome } from '../../../support/envelopes.ts'
import { attacksOnClients } from '../../support/attack.ts'
import { greet, heardHello, rest, strike, untilOver } from '../../support/on-client/evil-server.ts'
import { halfFrame, many } from '../../support/on-client/replies.ts'
import { pour } from '../../support/pour.ts'
import { frame, framed } from '../../support/raw-connection.ts'

const KiB = 1024
const longestText = 'x'.repeat(1_000)

/** A welcome with the maximum content. */
const fullWelcome = frame({
  ...welcome,
  settings: Array.from({ length: 64 }, (_, at) => [1_000 + at, Number.MAX_SAFE_INTEGER] as const),
  contracts: Array.from({ length: 64 }, (_, at) => ({
    name: `${'contract'.repeat(15)}${at}`,
    version: 1,
    roles: 3,
    hash: new Uint8Array(32).fill(at),
  })),
  extensions: Array.from({ length: 4 }, (_, at) => [1_000 + at, new Uint8Array(200)] as const),
  metadata: Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`key${at}`, 'v'.repeat(100)])),
})

export const handshakeAttacks = attacksOnClients('items', [
  {
    name: 'endless-welcomes',
    about: 'a welcome with an announced length of 1 MiB, without its last byte',
    connections: 16,
    deedsPerSecondMin: 1,
    work: { calls: 4 },
    async serve(onslaught) {
      await heardHello(onslaught)
      await strike(onslaught, halfFrame(KiB * KiB, KiB * KiB - 1))
      await untilOver(onslaught)
    },
  },
  {
    name: 'full-welcomes',
    about: 'welcomes with as many settings, contracts and metadata as possible, and a cut after each',
    connections: 32,
    deedsPerSecondMin: 50,
    work: { calls: 4 },
    async serve(onslaught) {
      await heardHello(onslaught)
      await strike(onslaught, fullWelcome)
      await rest(onslaught, 50)
    },
  },
  {
    name: 'early-kinds',
    about: 'envelopes of unknown kinds, and of all other kinds, in place of a welcome, without end',
    connections: 16,
    deedsPerSecondMin: 100,
    work: { calls: 4 },
    async serve(onslaught) {
      await heardHello(onslaught)
      const kinds = Buffer.concat(
        Array.from({ length: 256 }, (_, kind) => framed(Uint8Array.of((kind + onslaught.index) % 256, 0, 1))),
      )
      await pour(onslaught.connection, onslaught, () => ({ bytes: kinds, deeds: 256 }))
    },
  },
  {
    name: 'challenges',
    about: 'challenges before the welcome, and refusals with texts that would move a cursor',
    connections: 16,
    deedsPerSecondMin: 50,
    work: { calls: 4 },
    async serve(onslaught) {
      await heardHello(onslaught)
      const challenge = frame({ kind: 'challenge', id: 1, metadata: {}, body: noBody })
      const refused = frame({
        kind: 'refused',
        code: '\u001b[2J',
        text: `\u202e${longestText}`,
        metadata: {},
        body: { encoding: 'raw', bytes: new Uint8Array(900 * KiB) },
      })
      await strike(onslaught, onslaught.index % 2 === 0 ? many(challenge, 100) : refused)
      await rest(onslaught, 50)
    },
  },
  {
    name: 'no-welcome',
    about: 'accepts the hello and sends nothing',
    connections: 32,
    deedsPerSecondMin: 1,
    work: { calls: 16 },
    async serve(onslaught) {
      await heardHello(onslaught)
      onslaught.counts.deeds += 1
      await untilOver(onslaught)
    },
  },
  {
    name: 'cut-handshakes',
    about: 'half a welcome and a reset, over and over',
    connections: 32,
    deedsPerSecondMin: 50,
    work: { calls: 4 },
    async serve(onslaught) {
      await heardHello(onslaught)
      await strike(onslaught, fullWelcome.subarray(0, (onslaught.index * 37) % fullWelcome.length))
      onslaught.connection.socket.resetAndDestroy()
    },
  },
  {
    name: 'noise',
    about: 'random bytes, an HTTP response and a TLS greeting, without end',
    connections: 16,
    deedsPerSecondMin: 100,
    work: { calls: 4 },
    async serve(onslaught) {
      const noises = [
        crypto.getRandomValues(new Uint8Array(64 * KiB)),
        Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n'),
        Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3),
      ]
      const bytes = noises[onslaught.index % noises.length] as Uint8Array
      await pour(onslaught.connection, onslaught, () => ({ bytes, deeds: 1 }))
    },
  },
  {
    name: 'tiny-server-windows',
    about: 'a server that accepts only frames of 4,096 bytes, bodies of one byte, or one call at a time',
    connections: 4,
    deedsPerSecondMin: 20,
    work: { calls: 8, inputBytes: 50_000 },
    async serve(onslaught) {
      const settings: readonly (readonly [number, number])[] = [
        [1, 4_096],
        onslaught.index % 2 === 0 ? [2, 1] : [2, 1_000_000],
        [3, 1_000_000],
        [4, 1 + (onslaught.index % 3)],
        [5, 0],
      ]
      const { counts } = onslaught
      await greet(onslaught, () => void counts.deeds++, { settings })
      await rest(onslaught, 500)
    },
  },
])
