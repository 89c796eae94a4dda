import { generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { type CredentialsFacts, createClient, safe } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const vault = contract('vault', {
  version: 1,
  procedures: { whoAmI: procedure({ output: z.string() }) },
})

const ada = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ed25519')
/** The server knows public keys only: nothing that it stores, and nothing on the wire, lets anybody in. */
const keys = new Map([['ada', ada.publicKey]])

/** What is signed: with the purpose in it, so that the signature is good for nothing else. */
const signedText = (nonce: Uint8Array) => Buffer.concat([Buffer.from('vault login '), nonce])

const server = createServer(
  implement(vault)
    .$context<{ readonly name: string }>()
    .handlers({ whoAmI: ({ context }) => context.name }),
  {
    log: false,
    context: async ({ hello, challenge }) => {
      const name = String(hello.auth)
      const nonce = randomBytes(32)
      const signature = await challenge(nonce)
      const key = keys.get(name)
      const isGood =
        key !== undefined &&
        signature instanceof Uint8Array &&
        verify(null, signedText(nonce), key, signature)
      // The same words for a wrong name and a wrong key: they tell nobody which names there are.
      if (!isGood) throw new RpcError('UNAUTHENTICATED', 'The name or the key is wrong.')
      return { name }
    },
  },
)
const listener = await server.listen('tcp://127.0.0.1:0')

/** The name goes into the hello, and the key never leaves the client. */
const authOf = (name: string, key: KeyObject) => (facts: CredentialsFacts) =>
  facts.reason === 'challenge' ? sign(null, signedText(facts.challenge as Uint8Array), key) : name

for (const key of [ada.privateKey, stranger.privateKey]) {
  const client = createClient(vault, listener.url, { auth: authOf('ada', key) })
  const { ok, data, error } = await safe(client.whoAmI())
  console.log(ok ? data : `${error.code}: ${error.message}`)
  await client.$close()
}
await server.close()

//> ada
//> UNAUTHENTICATED: The name or the key is wrong.
