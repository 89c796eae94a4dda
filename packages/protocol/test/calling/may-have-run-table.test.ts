import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Case, cases, type Name, startCall } from '../support/may-have-run-cases.ts'
import { Fate, ReplacedSessions } from '../support/replaced-sessions.ts'

/**
 * The rows of the table in docs/handling-errors.md: event, code, `maybeExecuted`, and whether the call is made again.
 */
const rows = new Map(
  readFileSync(new URL('../../../../docs/handling-errors.md', import.meta.url), 'utf8')
    .split('## May it have run?')[1]!
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.slice(2, -2).split(' | '))
    .map(([what, ...rest]) => [what!, rest] as const),
)

async function run(
  { options, start = startCall, happens, isAtOnce = false, isOnItsWay, opensLater }: Case,
  name: Name,
  replaced: boolean,
) {
  const world = new ReplacedSessions(options)
  if (opensLater !== true) await world.time.settle()
  const controller = new AbortController()
  const fate = new Fate(start(world, name, controller.signal))
  if (isOnItsWay !== true && opensLater !== true) await world.time.settle()
  expect(fate.error !== undefined).toBe(isAtOnce)
  const attempts = world.made.length
  await happens?.(world, replaced, controller)
  await world.time.settle()
  const { error } = fate
  const isMadeAgain = error === undefined && world.made.length > attempts
  controller.abort()
  await world.end()
  return { error, isMadeAgain }
}

describe('a call, according to docs/handling-errors.md:', () => {
  it.each([...rows])('%s', async (what, [code = '', maybeExecuted = '']) => {
    const given = cases[what]
    expect(given, 'a case of this row').toBeDefined()
    for (const one of [given as Case | readonly Case[]].flat()) {
      const { error } = await run(one, 'put', false)
      if (code.startsWith('none')) expect(error).toBeUndefined()
      else if (/^`/.test(code)) expect(code).toContain(`\`${error?.code}\``)
      else expect(error?.code).toMatch(/^(PERMISSION_DENIED|UNKNOWN|GONE|UNAVAILABLE)$/)
      if (/true|false/.test(maybeExecuted))
        expect(error?.maybeExecuted).toBe(maybeExecuted.startsWith('true'))
    }
  })

  it('has no case that is missing in the table', () => {
    expect(Object.keys(cases).filter((what) => !rows.has(what))).toEqual([])
  })
})

/** Which calls are made again: of a procedure that is not idempotent, and of one that is. */
const madeAgainBy: Readonly<Record<string, readonly [put: boolean, get: boolean]>> = {
  no: [false, false],
  yes: [true, true],
  'if idempotent': [false, true],
}

describe('a call whose session was replaced, according to docs/handling-errors.md:', () => {
  it.each([...rows])('%s', async (what, [, , again = '']) => {
    const ofRow = [cases[what] as Case | readonly Case[]].flat()
    const made: (readonly [put: boolean, get: boolean])[] = []
    for (const one of ofRow)
      made.push([(await run(one, 'put', true)).isMadeAgain, (await run(one, 'get', true)).isMadeAgain])
    const resumed = [false, true, false, true].map((isResumed) => [isResumed, isResumed])
    const expected = again === 'with `resumeFrom`' ? resumed : ofRow.map(() => madeAgainBy[again])
    expect(made).toEqual(expected)
  })
})
