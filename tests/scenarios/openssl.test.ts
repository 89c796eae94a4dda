import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeAuthority } from '../support/certificates.ts'
import { until } from '../support/until.ts'

/** The observations of openssl in docs/tls.md, row by row: the arguments, and the output. */
const rows = [
  ...readFileSync(new URL('../../docs/tls.md', import.meta.url), 'utf8').matchAll(
    /^\| `openssl s_client ([^`|]*)` \| ([^|]+) \|$/gm,
  ),
].map(([, args, result]) => ({ args: args as string, result: (result as string).trim() }))

const isInstalled = spawnSync('openssl', ['version']).status === 0
const isRequired = process.env.FRAMEPORT_REQUIRE_OPENSSL !== undefined

test.runIf(isRequired)('openssl is installed', () => expect(isInstalled).toBe(true))

describe.skipIf(!isInstalled)('openssl, as documented in docs/tls.md, sees', () => {
  const folder = mkdtempSync(join(tmpdir(), 'frameport-openssl-'))
  const house = contract('house', { version: 1, procedures: { ring: procedure({}) } })
  const server = createServer(implement(house).handlers({ ring: () => undefined }), { log: false })
  let address = ''

  beforeAll(async () => {
    const authority = await makeAuthority('House')
    writeFileSync(join(folder, 'ca.pem'), authority.cert)
    const { url } = await server.listen('tls://127.0.0.1:0', await authority.issue('localhost'))
    address = url.replace('tls://', '')
  })
  afterAll(async () => {
    await server.close({ graceMs: 0 })
    rmSync(folder, { recursive: true })
  })

  test('at least eight rows of the table', () => {
    expect(rows.length).toBeGreaterThanOrEqual(8)
  })

  test.each(rows)('$result, with $args', async ({ args, result }) => {
    const told = await execa(
      'openssl',
      ['s_client', '-connect', address, '-CAfile', join(folder, 'ca.pem'), ...args.split(' ')],
      { input: '', all: true, reject: false, timeout: 60_000 },
    )
    expect(seenIn(told.all)).toBe(result)
  })

  // The certificates are not checked again when a TLS session is resumed.
  test.each(['-tls1_2', '-tls1_3'])('no resumed TLS session, with %s', async (version) => {
    const session = join(folder, `session${version}`)
    const args = ['s_client', '-connect', address, version]
    const asking = { all: true, reject: false, timeout: 60_000 } as const
    const first = execa('openssl', [...args, '-sess_out', session], { ...asking, stdin: 'pipe' })
    // A TLS 1.3 session is sent after the handshake.
    await until(() => existsSync(session))
    first.stdin.end()
    expect((await first).all).toMatch(/^New, /m)
    const { all } = await execa('openssl', [...args, '-sess_in', session], { ...asking, input: '' })
    expect(all).toMatch(/^New, /m)
  })
})

/** Returns the version, the cipher and the protocol, or the alert with which the server refuses. */
function seenIn(text: string): string {
  const alert = /alert (protocol version|handshake failure|no application protocol)/.exec(text)?.[1]
  if (alert !== undefined) return `refused: ${alert}`
  const [, version, cipher] = /^New, (\S+), Cipher is (\S+)$/m.exec(text) ?? []
  // In older versions of openssl, the version in the session differs from the version of the connection.
  const spoken = /^\s*Protocol\s*: (\S+)$/m.exec(text)?.[1] ?? version
  const protocol = /^ALPN protocol: (\S+)$/m.exec(text)?.[1] ?? 'none'
  const isVerified = /^\s*Verify return code: 0 \(ok\)$/m.test(text)
  return `${spoken}, ${cipher}, ALPN ${protocol}${isVerified ? '' : ', not verified'}`
}
