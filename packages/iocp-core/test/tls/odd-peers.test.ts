import { describe, expect, test } from 'vitest'
import { makeAuthority } from '../../../../tests/support/certificates.ts'
import { until } from '../../../../tests/support/until.ts'
import { probe } from '../../src/index.ts'
import { TlsHouse, withHouse } from './tls-ends.ts'

const authority = await makeAuthority('Trusted')
const good = await authority.issue('localhost')
const ca = authority.cert
const mebibyte = 1024 * 1024

for (const { backend, available, reason } of probe()) {
  describe(`TLS over ${backend} with odd peers`, () => {
    if (!available) return test.skip(`not available: ${reason}`, () => undefined)

    const within = (run: (house: TlsHouse) => Promise<void>, house = new TlsHouse(backend)) =>
      withHouse(house, good, run)

    test('gives up at once on a client that leaves during the handshake', () =>
      within(async (house) => {
        // The first bytes of a handshake, and no more.
        for (const bytes of [Buffer.alloc(0), Buffer.from([0x16, 3, 1, 2, 0, 1])]) {
          const plain = await house.port.connect(house.listener.url.replace('tls', 'tcp'))
          plain.start({ data() {}, end: () => plain.end(), drain() {}, close() {} })
          if (bytes.length > 0) plain.send(bytes)
          plain.end()
          const began = performance.now()
          const count = house.served.length
          await until(() => house.served.length > count || count > 0)
          expect(await house.served1()).toMatchObject({ code: 'CONNECTION_RESET' })
          expect(performance.now() - began).toBeLessThan(5_000)
        }
      }))

    test('closes on abort, even if both sides have ended and the peer does not read', () =>
      within(async (house) => {
        const client = await house.connect({ ca })
        client.connection.pause()
        const served = await until(() => house.served[0])
        await until(() => served.connection.tls !== undefined)
        while (served.connection.queuedBytes < 8 * mebibyte) served.connection.send(Buffer.alloc(mebibyte))
        client.connection.end()
        await until(() => served.ends === 1)
        served.connection.end()
        served.connection.abort()
        await until(() => served.closes.length === 1)
        client.connection.abort()
      }))
  })
}
