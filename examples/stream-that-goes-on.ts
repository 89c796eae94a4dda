import { EventEmitter, once } from 'node:events'
import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const Entry = z.object({ id: z.number().int(), text: z.string() })
type Entry = z.output<typeof Entry>

const journal = contract('journal', {
  version: 1,
  procedures: {
    follow: procedure({
      input: z.object({ after: z.number().int().default(0) }),
      items: Entry,
      // The caller's: what it calls with, behind the last entry that came, when the server has forgotten the session.
      resumeFrom: (input, last) => ({ ...input, after: last.id }),
    }),
  },
})

/** What lives longer than a server: a table, a file. Its ids only grow. */
const entries: Entry[] = []
const added = new EventEmitter()
function add(text: string): void {
  entries.push({ id: entries.length + 1, text })
  added.emit('entry')
}

const handlers = implement(journal).handlers({
  async *follow({ input, signal }) {
    let { after } = input
    for (;;) {
      const next = entries.find(({ id }) => id > after)
      if (next === undefined) {
        await once(added, 'entry', { signal })
        continue
      }
      yield next
      after = next.id
    }
  },
})

const server = createServer(handlers)
const listener = await server.listen('tcp://127.0.0.1:0')
const client = createClient(journal, listener.url)

add('the first line')
add('the second line')
for await (const { id, text } of client.follow({})) {
  console.log(`${id}: ${text}`)
  if (id === 1) add('the third line')
  if (id === 3) break
}

// A call by hand goes on in the same way.
for await (const { id, text } of client.follow({ after: 1 })) {
  console.log(`${id}: ${text}`)
  if (id === 3) break
}

await client.$close()
await server.close()

//> 1: the first line
//> 2: the second line
//> 3: the third line
//> 2: the second line
//> 3: the third line
