import { setPriority } from 'node:os'
import { clientAttacks } from '../../attacks/index.ts'
import { answerQuestions } from '../ask.ts'
import type { Term } from '../term.ts'
import { type EvilServer, openEvilServer } from './evil-server.ts'

// The good server runs on the same processor, and its answers must not wait for this process.
setPriority(10)

let evil: EvilServer | undefined

answerQuestions({
  async begin({ name, term }: { readonly name: string; readonly term: Term }) {
    const attack = clientAttacks.find((one) => one.name === name)
    if (attack === undefined) throw new Error(`there is no attack ${name}`)
    evil = await openEvilServer(attack, term)
    return evil.port
  },
  over: () => evil?.over,
  async counts() {
    await evil?.gone
    return evil?.counts
  },
})
