import { type Client, createClient, safe } from '@frameport/client'
import type { InputOf, ItemOf, OutputOf } from '@frameport/protocol'
import { chat } from './chat.contract.ts'
import { stock } from './stock.contract.ts'

export const client = createClient(chat, 'tcp://127.0.0.1:5500')
// ^ client
export const stockClient = createClient(stock, 'tcp://127.0.0.1:5501')
// ^ stockClient

export async function talk(annotated: Client<typeof chat>): Promise<void> {
  // ^ annotated
  const joined = await client.join({ room: 'lobby', name: 'guest' })
  // ^ joined, join
  await annotated.leave()
  // ^ leave
  await annotated.files.put(new Uint8Array(1))
  // ^ files, put
  const lines = client.history({ room: 'lobby' })
  // ^ lines, history
  for await (const line of lines) annotated.$close().catch(() => line.text)
  // ^ line, $close, line#2
  const result = await safe(client.join({ room: joined.room, name: 'guest' }))
  // ^ result
  if (!result.ok) {
    const { error } = result
    // ^ error
    if (error.code === 'NAME_TAKEN') annotated.files.put(Uint8Array.of(error.data.suggestion.length))
    // ^ error, code, data
    else if (error.code === 'UNAVAILABLE') throw error
    // ^ error#2
  }
}

export async function listen(): Promise<void> {
  const stop = client.$on('line', { room: 'lobby' }, (line) => line.text)
  // ^ stop, $on, line#2
  client.$on('notice', (text) => text)
  // ^ $on, text
  await stop.subscribed
  // ^ subscribed
  const { state, remoteEndpoint } = client.$connection
  // ^ state, $connection
  await client.$connection.opened()
  // ^ opened
  return void [state, remoteEndpoint]
}

export async function trade(): Promise<void> {
  const articles = await stockClient.find({ text: 'chair' })
  // ^ articles, find
  for await (const article of stockClient.watch()) article.price.toFixed(2)
  // ^ article, watch
  stockClient.$on('price', { id: articles[0]?.id ?? '' }, (article) => article)
  // ^ $on, article
}

export type Join = InputOf<typeof chat.procedures.join>
// ^ Join
export type Joined = OutputOf<typeof chat.procedures.join>
// ^ Joined
export type Line = ItemOf<typeof chat.procedures.history>
// ^ Line

export const signing = createClient(chat, 'tcp://127.0.0.1:5500', {
  auth: async ({ reason, challenge }) => ({ name: 'guest', reason, question: String(challenge) }),
  // ^ auth, reason, challenge
})

interface Token {
  readonly token: string
}

export function show(token: Token): readonly Client<typeof chat>[] {
  const values = [token, token.token, 5, true, null, [token], new Uint8Array(1), () => token]
  return values.map((auth) => createClient(chat, 'tcp://127.0.0.1:5500', { auth }))
}
