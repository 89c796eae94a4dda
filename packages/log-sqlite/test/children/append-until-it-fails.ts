import { SqliteLogError, sqliteEventLog } from '@frameport/log-sqlite'

/**
 * Prints the number of confirmed events and the codes of the first two failures, or the code with which opening failed.
 */
const path = process.argv[2] ?? ''

function codeOf(error: unknown): string {
  if (SqliteLogError.is(error)) return error.code
  throw error
}

async function appendUntilItFails(): Promise<string> {
  await using log = await sqliteEventLog({ path })
  const event = {
    event: 'disk@1/line',
    topic: '',
    body: { encoding: 'raw', bytes: new Uint8Array(10_000) },
  } as const
  for (let confirmed = 0; ; confirmed++) {
    try {
      await log.append(event)
    } catch (error) {
      const next = await log.append(event).then(() => 'none', codeOf)
      return `${confirmed} ${codeOf(error)} ${next}`
    }
  }
}

process.stdout.write(`${await appendUntilItFails().catch(codeOf)}\n`)
