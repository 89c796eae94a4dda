import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

// A certificate for `localhost` that signs itself. A certificate authority issues the one of a deployed server.
const folder = mkdtempSync(join(tmpdir(), 'frameport-'))
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
const files = ['-keyout', 'key.pem', '-out', 'cert.pem']
execFileSync('openssl', ['req', '-x509', ...newKey, ...subject, ...files], { cwd: folder, stdio: 'ignore' })
const cert = readFileSync(join(folder, 'cert.pem'))
const key = readFileSync(join(folder, 'key.pem'))
rmSync(folder, { recursive: true })

const greeter = contract('greeter', {
  version: 1,
  procedures: { greet: procedure({ input: z.string(), output: z.string() }) },
})
const server = createServer(implement(greeter).handlers({ greet: ({ input }) => `hello ${input}` }))
const listener = await server.listen('tls://127.0.0.1:0', { cert, key })

// `ca` is needed only because no public authority has issued the certificate.
const client = createClient(greeter, listener.url, { ca: cert })
console.log(await client.greet('Ada'))
await client.$close()

const suspicious = createClient(greeter, listener.url)
const { error } = await safe(suspicious.greet('Ada'))
console.log(error?.code)
console.log(error?.message.split(': ')[2])
await suspicious.$close()
await server.close()

//> hello Ada
//> UNAVAILABLE
//> the certificate of the peer was not issued by an authority that this side trusts
