import { setPriority } from 'node:os'
import { clientAttacks } from '../../attacks/index.ts'
import { answerQuestions } from '../ask.ts'
import { type EvilServer, openEvilServer } from './evil-server.ts'

// The good server runs on the same processor: what it answers must not wait for this.
setPriority(10)

let evil: EvilServer | undefined

answerQuestions({
  async begin({ name, seconds }: { readonly name: string; readonly seconds: number }) {
    const attack = clientAttacks.find((one) => one.name === name)
    if (attack === undefined) throw new Error(`there is no attack ${name}`)
    evil = await openEvilServer(attack, seconds)
    return evil.port
  },
  async counts() {
    await evil?.gone
    return evil?.counts
  },
})
