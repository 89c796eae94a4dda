import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { makeAuthority } from '../../../tests/support/certificates.ts'
import { describeWithNats } from '../../../tests/support/nats-server.ts'
import { connectNats } from '../src/index.ts'
import { eventOf, Heard, lobby } from './support/events.ts'
import { connection, natsServer } from './support/opened.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

async function withCertificate() {
  const authority = await makeAuthority('an authority for this test')
  const { cert, key } = await authority.issue('nats')
  const folder = mkdtempSync(join(tmpdir(), 'frameport-nats-tls-'))
  folders.push(folder)
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key)
  const server = await natsServer(
    `tls { cert_file: "${join(folder, 'cert.pem')}", key_file: "${join(folder, 'key.pem')}" }`,
  )
  return { server, ca: authority.cert, url: `tls://127.0.0.1:${server.port}` }
}

describeWithNats('TLS', () => {
  test('is used with a server whose certificate is trusted', async () => {
    const { server, ca, url } = await withCertificate()
    const broker = await connection(server, { servers: url, connection: { tls: { ca } } })
    await broker.bus.join(new Heard()).publish(eventOf(lobby, 'hello'))
  })

  test('is refused if the certificate is not trusted', async () => {
    const { url } = await withCertificate()
    await expect(connectNats({ servers: url })).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
  })

  test('is required by an address with tls:, and a server without it is refused', async () => {
    const server = await natsServer()
    const servers = `tls://127.0.0.1:${server.port}`
    await expect(connectNats({ servers })).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
  })
})
