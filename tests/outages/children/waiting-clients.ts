/**
 * Clients of one server, which are killed together: `waiting-clients.ts BACKEND URL COUNT ANSWER_BYTES`. Each makes one
 * call that is not answered, or none if ANSWER_BYTES is 0. The process sends `open` when all clients are connected.
 */
import { createClient } from '@frameport/client'
import type { BackendName } from '@frameport/iocp-core'
import { waiting } from '../waiting-contract.ts'

const [backend, url, count, answerBytes] = process.argv.slice(2) as [BackendName, string, string, string]

for (let left = Number(count); left > 0; left -= 1) {
  const client = createClient(waiting, url, { backend })
  await client.$connection.opened()
  // The result is not awaited, because this process is killed before.
  if (answerBytes !== '0') client.hold({ bytes: Number(answerBytes) }).catch(() => undefined)
}
process.send?.('open')
process.once('disconnect', () => process.exit())
