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

/** What docs/tls.md says that openssl sees, row by row: the arguments, and what it prints. */
const rows = [
  ...readFileSync(new URL('../../docs/tls.md', import.meta.url), 'utf8').matchAll(
    /^\| `openssl s_client ([^`|]*)` \| ([^|]+) \|$/gm,
  ),
].map(([, args, result]) => ({ args: args as string, result: (result as string).trim() }))

const isInstalled = spawnSync('openssl', ['version']).status === 0
const isRequired = process.env.FRAMEPORT_REQUIRE_OPENSSL !== undefined

test.runIf(isRequired)('openssl is installed', () => expect(isInstalled).toBe(true))

describe.skipIf(!isInstalled)('openssl, of which docs/tls.md tells, sees', () => {
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

  test('is asked for what the table says', () => {
    expect(rows.length).toBeGreaterThanOrEqual(8)
  })

  test.each(rows)('$result, asked with $args', async ({ args, result }) => {
    const told = await execa(
      'openssl',
      ['s_client', '-connect', address, '-CAfile', join(folder, 'ca.pem'), ...args.split(' ')],
      { input: '', all: true, reject: false, timeout: 60_000 },
    )
    expect(seenIn(told.all)).toBe(result)
  })

  // The certificates of a session that is resumed are not looked at again.
  test.each(['-tls1_2', '-tls1_3'])('no session of TLS that goes on, asked with %s', async (version) => {
    const session = join(folder, `session${version}`)
    const args = ['s_client', '-connect', address, version]
    const asking = { all: true, reject: false, timeout: 60_000 } as const
    const first = execa('openssl', [...args, '-sess_out', session], { ...asking, stdin: 'pipe' })
    // That of TLS 1.3 comes behind the handshake.
    await until(() => existsSync(session))
    first.stdin.end()
    expect((await first).all).toMatch(/^New, /m)
    const { all } = await execa('openssl', [...args, '-sess_in', session], { ...asking, input: '' })
    expect(all).toMatch(/^New, /m)
  })
})

/** The version, the cipher and the protocol, or the alert by which the server refuses. */
function seenIn(text: string): string {
  const alert = /alert (protocol version|handshake failure|no application protocol)/.exec(text)?.[1]
  if (alert !== undefined) return `refused: ${alert}`
  const [, version, cipher] = /^New, (\S+), Cipher is (\S+)$/m.exec(text) ?? []
  // What a session is called is not the version of the connection in older versions of openssl.
  const spoken = /^\s*Protocol\s*: (\S+)$/m.exec(text)?.[1] ?? version
  const protocol = /^ALPN protocol: (\S+)$/m.exec(text)?.[1] ?? 'none'
  const isVerified = /^\s*Verify return code: 0 \(ok\)$/m.test(text)
  return `${spoken}, ${cipher}, ALPN ${protocol}${isVerified ? '' : ', not verified'}`
}
