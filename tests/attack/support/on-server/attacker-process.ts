import { serverAttacks } from '../../attacks/index.ts'
import { answerQuestions } from '../ask.ts'
import { assail } from './assault.ts'
import { innocentLoad } from './innocents.ts'

interface Order {
  readonly name: string
  readonly port: number
  readonly seconds: number
  readonly innocent: boolean
}

answerQuestions({
  attack({ name, port, seconds, innocent }: Order) {
    const attack = serverAttacks.find((one) => one.name === name)
    if (attack === undefined) throw new Error(`there is no attack ${name}`)
    return innocent ? innocentLoad(attack, port, seconds) : assail(attack, port, seconds)
  },
})
