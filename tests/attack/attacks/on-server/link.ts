import { hello, json, noBody } from '../../../support/envelopes.ts'
import type { ServerAttack } from '../../support/attack.ts'
import { flood } from '../../support/on-server/assault.ts'
import { frame, framed, RawConnection } from '../../support/raw-connection.ts'

const many = (bytes: Buffer, count: number) => Buffer.concat(Array.from({ length: count }, () => bytes))

/** Unknown kinds of the link and of the session, which a receiver ignores. */
const unknownKinds = Buffer.concat([framed(Uint8Array.of(0xca, 1)), framed(Uint8Array.of(0x8a, 1))])
const tinyFrames = many(unknownKinds, 500)
const pings = many(frame({ kind: 'ping', token: 1 }), 500)
const event = frame({
  kind: 'event',
  event: 'target@1/line',
  topic: '{"room":"lobby"}',
  metadata: {},
  body: json(`{"text":"${'x'.repeat(900_000)}"}`),
})

export const linkAttacks: readonly ServerAttack[] = [
  {
    target: 'server',
    name: 'tiny-frames',
    about: 'a million frames of two bytes that mean nothing',
    connections: 4,
    innocent: 'busy',
    deedsPerSecondMin: 5_000,
    run: (assault) => flood(assault, () => ({ bytes: tinyFrames, deeds: 1_000 })),
  },
  {
    target: 'server',
    name: 'pings',
    about: 'pings without a pause, whose pongs are not read',
    connections: 8,
    innocent: 'busy',
    deedsPerSecondMin: 100,
    run: (assault) => flood(assault, () => ({ bytes: pings, deeds: 500 }), false),
  },
  {
    target: 'server',
    name: 'unasked-events',
    about: 'events of 900 KB that no server listens to',
    connections: 4,
    innocent: 'long-inputs',
    deedsPerSecondMin: 20,
    run: (assault) => flood(assault, () => ({ bytes: event, deeds: 1 })),
  },
  {
    target: 'server',
    name: 'hello-bombs',
    about: 'hellos of the maximum length, with as many settings and contracts as possible, repeatedly',
    connections: 64,
    innocent: 'idle',
    deedsPerSecondMin: 50,
    run: async ({ port, address, counts }) => {
      const connection = await RawConnection.open(port, address)
      connection.listen()
      const contracts = Array.from({ length: 64 }, (_, at) => ({
        name: `${'contract'.repeat(15)}${at}`,
        version: 1,
        roles: 3,
        hash: new Uint8Array(32).fill(at),
      }))
      const metadata = Object.fromEntries(
        Array.from({ length: 64 }, (_, at) => [`key${at}`, 'v'.repeat(100)]),
      )
      const settings = Array.from({ length: 60 }, (_, at) => [1_000 + at, at] as const)
      const body = { encoding: 'raw', bytes: new Uint8Array(40_000) } as const
      const bytes = frame({ ...hello, contracts, metadata, settings, body } as never)
      await connection.write(bytes)
      counts.bytes += bytes.length
      counts.deeds += 1
      await Promise.race([connection.closed, new Promise((resolve) => setTimeout(resolve, 200))])
      connection.close()
    },
  },
  {
    target: 'server',
    name: 'churn',
    about: 'connections that send a hello and close, as fast as they are accepted',
    connections: 64,
    innocent: 'idle',
    deedsPerSecondMin: 50,
    run: async ({ port, address, counts }) => {
      const connection = await RawConnection.greeted(port, address)
      counts.deeds += 1
      counts.bytes += connection.bytesSent
      connection.close()
    },
  },
  {
    target: 'server',
    name: 'goaways',
    about: 'announcements of an end that never comes',
    connections: 8,
    innocent: 'busy',
    deedsPerSecondMin: 500,
    run: (assault) =>
      flood(assault, () => ({
        bytes: many(frame({ kind: 'goaway', code: 'CLOSED', text: 'x'.repeat(900), metadata: {} }), 50),
        deeds: 50,
      })),
  },
  {
    target: 'server',
    name: 'settings',
    about: 'unrequested credentials, repeatedly',
    connections: 8,
    innocent: 'busy',
    deedsPerSecondMin: 100,
    run: (assault) =>
      flood(assault, () => ({
        bytes: many(frame({ kind: 'credentials', id: 0, metadata: {}, body: noBody }), 50),
        deeds: 50,
      })),
  },
]
