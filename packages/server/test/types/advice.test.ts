import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type CompilerText, compilerSays } from '../../../../tests/support/compiler-says.ts'

const folder = dirname(fileURLToPath(import.meta.url))

/** Common mistakes, and the text that the compiler must print for each. */
const mistakes: Readonly<Record<string, readonly [code: string, text: string]>> = {
  'options left out though the handlers have a context': [
    'createServer(needy)',
    'Give { context } to createServer',
  ],
  'the same in a list': ['createServer([needy])', 'Give { context } to createServer'],
  'options without the context': ['createServer(needy, {})', "Property 'context' is missing"],
  'options left out though clients subscribe': [
    "createServer(implement(bells).handlers({ join: () => '' }))",
    'Give { authorizeSubscribe } to createServer',
  ],
  'a context that was not declared': [
    'implement(chat).handlers({ join: ({ context }) => context.user })',
    "Property 'user' does not exist on type 'DeclareTheContextWith$context'",
  ],
  'a second $context': [
    'implement(chat).$context<{ a: 1 }>().$context<{ b: 2 }>()',
    "Type 'CallOnceAndBeforeUse$context' has no call signatures",
  ],
  '$context after use()': [
    'implement(chat).use(({ next }) => next()).$context<{ b: 2 }>()',
    "Type 'CallOnceAndBeforeUse$context' has no call signatures",
  ],
  'an observer with a wrong name': [
    'implement(chat).use(({ next }) => next({ onEdn() {} }))',
    "Did you mean to write 'onEnd'?",
  ],
  'a contract in the place of an implementation': [
    'createServer(chat)',
    'missing the following properties from type',
  ],
}

const head = `import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'
const join = procedure({ output: z.string() })
const chat = contract('chat', { version: 1, procedures: { join } })
const bells = contract('bells', {
  version: 1, procedures: { join }, events: { bell: event(z.string(), { subscribe: 'clients' }) },
})
const needy = implement(chat).$context<{ user: string }>().handlers({ join: ({ context }) => context.user })
createServer(needy, { context: () => ({ user: 'guest' }) })
createServer(implement(chat).handlers({ join: () => '' }))
createServer([implement(chat).handlers({ join: () => '' })])
`
const lines = Object.values(mistakes).map(([code]) => code)
const headLines = head.split('\n').length - 1

describe('The compiler names the remedy for', () => {
  let texts: ReadonlyMap<number, CompilerText>
  beforeAll(() => {
    texts = compilerSays(folder, `${head}${lines.join('\n')}\n`)
  }, 120_000)

  it.each(Object.entries(mistakes).map(([what, [, text]], index) => [what, text, index] as const))(
    '%s',
    (_, text, index) => {
      expect(texts.get(headLines + index)?.text).toContain(text)
    },
  )

  it('no other line, and reports no error for correct code', () => {
    expect([...texts.keys()].sort((a, b) => a - b)).toEqual(lines.map((_, index) => headLines + index))
  })
})
