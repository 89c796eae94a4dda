import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ClientError } from '@frameport/client'
import { FramingError } from '@frameport/framing'
import { IocpError } from '@frameport/iocp-core'
import { ProtocolError, RpcError } from '@frameport/protocol'
import { ServerError } from '@frameport/server'
import { TestingError } from '@frameport/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { type CompilerText, compilerSays } from '../support/compiler-says.ts'
import { compilerFinds } from './wrong-uses/compile-time.ts'
import { documentFile, runFinds, wrongUsesDocument } from './wrong-uses/document.ts'
import { rightUses } from './wrong-uses/right-uses.ts'
import { runWrongUse } from './wrong-uses/run-wrong-use.ts'
import { setting } from './wrong-uses/wrong-use.ts'

const isTypeError = { is: (error: unknown) => error instanceof TypeError }
const classes = {
  ClientError,
  FramingError,
  IocpError,
  ProtocolError,
  RpcError,
  ServerError,
  TestingError,
  TypeError: isTypeError,
}
const folder = fileURLToPath(new URL('.', import.meta.url))
const allRunFinds = Object.values(runFinds).flat()

describe('The compiler reports the error in its line:', () => {
  const head = `import { createClient, safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { createTestClient } from '@frameport/testing/client'
import { z } from 'zod'
${setting}void [bells, client, createClient, createServer, desk, safe]
`
  const firstLine = head.split('\n').length - 1
  let said: ReadonlyMap<number, CompilerText>
  beforeAll(() => {
    said = compilerSays(folder, head + compilerFinds.map(({ wrote }) => `{ ${wrote} }\n`).join(''))
  }, 120_000)

  it.each(compilerFinds.map((find, index) => ({ ...find, index })))('$what', ({ code, says, index }) => {
    expect(said.get(firstLine + index)).toEqual({ code, text: expect.stringContaining(says) })
  })

  it('no error for correct lines', () => {
    expect([...said.keys()].filter((line) => line < firstLine)).toEqual([])
  })
})

describe.each(Object.entries(runFinds))(
  'An error of the program says what is wrong, with its line in the stack: %s,',
  (_, finds) => {
    it.each(finds)('$what', async ({ wrote, error: name, code, says, because }) => {
      const { error, lines, log } = await runWrongUse(wrote)
      expect(classes[name].is(error), String(error)).toBe(true)
      expect(error).toMatchObject({
        ...(code === undefined ? {} : { code }),
        message: expect.stringContaining(says),
      })
      expect(lines[0]).toBe(wrote.split('\n').length)
      if (because !== undefined) expect(log).toContainEqual(expect.stringContaining(because))
    })
  },
)

describe('A correct use that looks wrong', () => {
  it.each(rightUses)('$what', async ({ wrote }) => {
    expect((await runWrongUse(wrote)).error).toBeUndefined()
  })
})

describe('docs/wrong-uses.md', () => {
  it('consists of these rows (npm run wrong-uses writes it)', () => {
    expect(readFileSync(documentFile, 'utf8')).toBe(wrongUsesDocument())
  })

  it('contains each wrong use once', () => {
    for (const names of [compilerFinds, allRunFinds, rightUses].map((finds) => finds.map(({ what }) => what)))
      expect(new Set(names).size).toBe(names.length)
  })
})
