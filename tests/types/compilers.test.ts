import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compile, PackedPlace } from './support/packed-place.ts'

/** A separate project: `npm ci --ignore-scripts --prefix tests/types/compilers`. */
const installed = fileURLToPath(new URL('compilers/node_modules/', import.meta.url))
const rightUses = [
  'chat.contract.ts',
  'stock.contract.ts',
  'client.ts',
  'server.ts',
  'named.ts',
  'resuming.ts',
]
const directive = '@ts-expect-error'
/** The oldest and the newest. `npm run verify:full` takes those between them, too. */
const versions = process.env.FRAMEPORT_ALL_COMPILERS === undefined ? ['5.6', '7'] : ['5.6', '5.9', '6', '7']

describe.runIf(existsSync(installed))('The packed types (if tests/types/compilers is installed)', () => {
  let place: PackedPlace
  let right: string
  let wrong: string
  let wrongLines: readonly number[]

  beforeAll(() => {
    place = new PackedPlace()
    for (const program of rightUses) place.copy(program)
    right = place.configure('right', rightUses)
    const text = readFileSync(new URL('programs/wrong-uses.ts', import.meta.url), 'utf8')
    wrongLines = text
      .split('\n')
      .flatMap((line, index) => (line.includes(`// ${directive}`) ? [index + 2] : []))
    wrong = place.configure('wrong', [place.write('wrong-uses.ts', text.replaceAll(directive, 'refused:'))])
  }, 120_000)
  afterAll(() => place.remove())

  describe.each(versions)('in TypeScript %s', (version) => {
    const compiler = join(installed, `typescript-${version}`)

    test('compile with all strict settings', { timeout: 120_000 }, () => {
      expect(compile(compiler, right)).toBe('')
    })

    test('cause an error for each wrong use in its line, and no other error', { timeout: 120_000 }, () => {
      const refused = [...compile(compiler, wrong).matchAll(/^(\S+)\((\d+),\d+\): error /gm)]
      expect([...new Set(refused.map(([, file]) => file))]).toEqual(['wrong-uses.ts'])
      expect([...new Set(refused.map(([, , line]) => Number(line)))].sort((a, b) => a - b)).toEqual(
        wrongLines,
      )
    })
  })
})
