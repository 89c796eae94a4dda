import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const vault = contract('vault', {
  version: 1,
  procedures: { whoAmI: procedure({ output: z.string() }) },
})

// An authority of one's own, and two certificates of it. In production these are files that somebody else has made.
const folder = mkdtempSync(join(tmpdir(), 'frameport-'))
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=House')
const issued = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-x509', ...newKey]
const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
openssl('req', ...issued, '-keyout', 'server.key', '-out', 'server.pem', '-subj', '/CN=vault', ...names)
openssl('req', ...issued, '-keyout', 'anna.key', '-out', 'anna.pem', '-subj', '/CN=anna')
const read = (name: string) => readFileSync(join(folder, name))

const server = createServer(
  implement(vault).handlers({
    whoAmI: ({ connection }) => connection.tls?.peerCertificate?.subject ?? 'nobody',
  }),
)
const listener = await server.listen('tls://127.0.0.1:0', {
  cert: read('server.pem'),
  key: read('server.key'),
  ca: read('ca.pem'),
  requestClientCert: true,
})

const anna = createClient(vault, listener.url, {
  ca: read('ca.pem'),
  cert: read('anna.pem'),
  key: read('anna.key'),
})
console.log(await anna.whoAmI())
await anna.$close()

/** Why a client with these options does not connect. */
async function refusal(options: object): Promise<string> {
  const client = createClient(vault, listener.url, { ...options, reconnect: false })
  const { error } = await safe(client.whoAmI())
  await client.$close()
  return String(error?.message.split(': ')[2])
}
console.log(await refusal({}))
console.log(await refusal({ ca: read('ca.pem'), serverName: 'other.example' }))
await server.close()
rmSync(folder, { recursive: true })

//> CN=anna
//> the certificate of the peer was not issued by an authority that this side trusts
//> the certificate of the peer is for another name (Host
