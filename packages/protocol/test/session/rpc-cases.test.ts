import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { autobahn } from './rpc-cases/autobahn.ts'
import { connectConformance } from './rpc-cases/connect-conformance.ts'
import { grpcInterop } from './rpc-cases/grpc-interop.ts'
import { http2AndKeepalive } from './rpc-cases/http2-and-keepalive.ts'

/**
 * Scenarios of public RPC suites (gRPC interop, HTTP/2 negative tests, keep-alive, Connect conformance, Autobahn), each
 * as a test here, or with the reason why this session cannot express it. The names come from
 * shared/vectors/rpc-cases.json. If that file is present, each of its names must have an entry here.
 */
const cases = { ...grpcInterop, ...http2AndKeepalive, ...connectConformance, ...autobahn }

const tags: readonly [RegExp, string][] = [
  [/http2-interop/, 'http2'],
  [/interop-test/, 'interop'],
  [/keepalive/, 'keepalive'],
  [/autobahn/, 'autobahn'],
  [/data\/(\w+)\.yaml/, ''],
]

function keyOf({ source, name }: { source: string; name: string }): string {
  const [pattern, tag] = tags.find(([candidate]) => candidate.test(source)) ?? [/^/, source]
  return `${tag || pattern.exec(source)?.[1]}: ${name}`
}

const shared = new URL('../../../../../shared/vectors/rpc-cases.json', import.meta.url)

describe('the scenarios of public RPC suites', () => {
  for (const [name, scenario] of Object.entries(cases)) {
    if (typeof scenario === 'function') it(name, scenario)
    else it.skip(`${name}: ${scenario.skip}`, () => {})
  }

  it.skipIf(!existsSync(shared))('are the same as in the list', () => {
    const listed = JSON.parse(readFileSync(shared, 'utf8')) as { source: string; name: string }[]
    expect(Object.keys(cases).sort()).toEqual(listed.map(keyOf).sort())
  })

  const elsewhere = Object.values(cases).filter((scenario) => typeof scenario !== 'function')
  const shownBy = new Map(elsewhere.flatMap(({ shownBy }) => shownBy.map((test) => [test.join(' > '), test])))

  it.each([...shownBy])(
    'are covered by a test that is not skipped, if they are not played here: %s',
    (_, test) => {
      const [file, suite, title, row] = test
      const source = readFileSync(new URL(file, import.meta.url), 'utf8')
      const [, ...suites] = source.split(/^describe\(/m)
      const found = suites.find((text) => text.startsWith(`'${suite}'`)) ?? ''
      const skipped = /\.(?:skip|todo|only)\b/
      expect(found.split('\n').filter((line) => skipped.test(line))).toEqual([])
      expect(found).toMatch(new RegExp(`(?:\\bit|\\))\\(\\s*'${escaped(title)}'`))
      if (row !== undefined) expect(found).toContain(`['${row}', `)
    },
  )
})

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\]^{|}]/g, '\\$&')
}
