import { serverAttacks } from '../../attacks/index.ts'
import { answerQuestions } from '../ask.ts'
import type { Term } from '../term.ts'
import { assail } from './assault.ts'
import { innocentLoad } from './innocents.ts'

interface Order {
  readonly name: string
  readonly port: number
  readonly term: Term
  readonly innocent: boolean
}

answerQuestions({
  attack({ name, port, term, innocent }: Order) {
    const attack = serverAttacks.find((one) => one.name === name)
    if (attack === undefined) throw new Error(`there is no attack ${name}`)
    return innocent ? innocentLoad(attack, port, term.seconds) : assail(attack, port, term)
  },
})
