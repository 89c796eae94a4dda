import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteEventLog } from '@frameport/log-sqlite'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const chat = contract('chat', {
  version: 1,
  procedures: { say: procedure({ input: z.string() }) },
  events: { line: event(z.string(), { topic: z.object({ room: z.string() }), subscribe: 'clients' }) },
})
const lobby = { room: 'lobby' }
const folder = mkdtempSync(join(tmpdir(), 'chat-'))

// Starts a server, publishes a line, and closes the server.
async function say(text: string): Promise<void> {
  await using log = await sqliteEventLog({ path: join(folder, 'history.db') })
  const handlers = implement(chat).handlers({
    say: async ({ input, publish }) => void (await publish(chat.events.line, lobby, input)),
  })
  const server = createServer(handlers, {
    authorizeSubscribe: () => true,
    eventLogs: [{ log, events: [chat.events.line] }],
  })
  await server.publish(chat.events.line, lobby, text) // from here on, the line survives a loss of power
  const { entries } = await log.before({
    event: 'chat@1/line',
    topic: JSON.stringify(lobby),
    position: undefined,
    eventsMax: 10,
    bytesMax: 65_536,
  })
  for (const { position, body } of entries) console.log(position.number, Buffer.from(body.bytes).toString())
  await server.close()
}

await say('is anybody here?')
await say('I am back')
rmSync(folder, { recursive: true })

//> 1 "is anybody here?"
//> 1 "is anybody here?"
//> 2 "I am back"
