import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { all, cleaningUp, failureOf, line, newPath, open } from '../log-support.ts'

cleaningUp()

/**
 * A closed log in which one text was changed to bytes that are not UTF-8. libsql ends the process when it is asked for
 * such a text.
 */
async function logWithDamaged(text: string): Promise<string> {
  const path = newPath()
  const log = await open(path)
  await log.append(line('a', { id: 'the-id' }))
  await log.close()
  const bytes = readFileSync(path)
  let count = 0
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes[at + 1] = 0xff
    count += 1
  }
  expect(count).toBeGreaterThan(0)
  writeFileSync(path, bytes)
  return path
}

describe('a text that is no longer UTF-8', () => {
  it.each(['event_name', 'CREATE TABLE topics', 'events_of_topic'])(
    'is detected when the log is opened, if it is in the schema: %s',
    async (text) => {
      expect((await failureOf(open(await logWithDamaged(text)))).code).toBe('FILE_DAMAGED')
    },
  )

  it.each(['lobby', 'chat@1/line', 'the-id'])(
    'is detected or not found, if it is in an event and its topic: %s',
    async (text) => {
      const path = await logWithDamaged(text)
      const read = open(path).then(async (log) => {
        expect(await all(log)).toEqual([])
        await log.append(line('b'))
        return log.before({ ...line('a'), position: undefined, eventsMax: 10, bytesMax: 100 })
      })
      const failure = await read.then(
        () => undefined,
        (error: { code?: string }) => error.code,
      )
      expect([undefined, 'FILE_DAMAGED']).toContain(failure)
    },
  )

  it('does no harm in the facts about the process that has the log open', async () => {
    const log = await open(await logWithDamaged('power'))
    expect(await all(log)).toHaveLength(1)
  })
})
