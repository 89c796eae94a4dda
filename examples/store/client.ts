// node --import tsx client.ts URL COMMAND …, see `usage`.
import { type Client, createClient, isErrorOf } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { type Entry, store } from './contract.ts'

const usage = `client.ts URL get KEY
client.ts URL put KEY VALUE
client.ts URL cas KEY REVISION VALUE     (revision 0: the key must not be there)
client.ts URL increment KEY [TIMES]      (a number, changed by as many programs at once as you like)
client.ts URL list [PREFIX]
client.ts URL watch [PREFIX] [AFTER]     (until Ctrl-C)`

const show = ({ key, value, revision, writer }: Entry) =>
  console.log(`${key} = ${value} (revision ${revision}${writer === undefined ? '' : `, by ${writer}`})`)

/** Reads, computes, writes if nobody was faster; the refusal has what it needs to try again. */
async function increment(client: Client<typeof store>, key: string): Promise<Entry> {
  let seen = { revision: 0, value: '0' }
  for (;;) {
    try {
      const value = String(Number(seen.value) + 1)
      return await client.compareAndSet({ key, value, expected: seen.revision })
    } catch (error) {
      if (!isErrorOf(store.procedures.compareAndSet, error) || error.code !== 'CONFLICT') throw error
      seen = { revision: error.data.revision, value: error.data.value ?? '0' }
    }
  }
}

async function watch(client: Client<typeof store>, prefix: string, after: number | undefined) {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  const changes = client.watch({ prefix, after }, { signal: stop.signal })
  try {
    // From here on every change comes, those made before the loop asks for the first as well.
    await changes.started()
    console.log(`watching '${prefix}'`)
    for await (const change of changes) show(change)
  } catch (error) {
    if (!isErrorOf(store.procedures.watch, error)) throw error
    if (error.code === 'COMPACTED')
      throw new Error(`The changes before ${error.data.oldest} are gone: list, and watch from there.`)
    if (error.code !== 'CANCELLED') throw error
    console.log('stopped watching')
  }
}

async function run(client: Client<typeof store>, command: string, args: string[]): Promise<void> {
  const [key = '', ...rest] = args
  switch (command) {
    case 'get':
      return show(await client.get({ key }))
    case 'put':
      return show(await client.put({ key, value: rest[0] ?? '' }))
    case 'cas':
      return show(await client.compareAndSet({ key, expected: Number(rest[0]), value: rest[1] ?? '' }))
    case 'increment':
      for (let times = Number(rest[0] ?? 1); times > 0; times--) {
        const entry = await increment(client, key)
        if (times === 1) show(entry)
      }
      return
    case 'list':
      for await (const entry of client.list({ prefix: key })) show(entry)
      return
    case 'watch':
      return watch(client, key, rest[0] === undefined ? undefined : Number(rest[0]))
    default:
      throw new Error(`There is no command '${command}'.\n${usage}`)
  }
}

/** What a user reads: no stack for what happens in a world with networks and other users. */
function textOf(error: unknown): string {
  if (isErrorOf(store.procedures.compareAndSet, error) && error.code === 'CONFLICT')
    return `CONFLICT: the key has revision ${error.data.revision} by now (${error.data.value ?? 'no value'})`
  if (RpcError.is(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

async function main([url, command, ...args]: string[]): Promise<number> {
  if (url === undefined || command === undefined) {
    console.error(usage)
    return 2
  }
  try {
    // No default deadline: it would end a watch, too.
    const client = createClient(store, url, { metadata: { writer: process.env.USER ?? 'somebody' } })
    try {
      await run(client, command, args)
    } finally {
      await client.$close()
    }
    return 0
  } catch (error) {
    console.error(textOf(error))
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
