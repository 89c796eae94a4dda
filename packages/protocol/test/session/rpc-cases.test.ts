import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { autobahn } from './rpc-cases/autobahn.ts'
import { connectConformance } from './rpc-cases/connect-conformance.ts'
import { grpcInterop } from './rpc-cases/grpc-interop.ts'
import { http2AndKeepalive } from './rpc-cases/http2-and-keepalive.ts'

/**
 * Scenarios of public RPC suites (gRPC interop, HTTP/2 negative tests, keep-alive, Connect conformance, Autobahn),
 * each mapped to what it means here, or to the reason why this session cannot express it. The names come from
 * shared/vectors/rpc-cases.json; where that file is present, nothing in it may be without an entry here.
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

  it.skipIf(!existsSync(shared))('are all here, and none that is not in the list', () => {
    const listed = JSON.parse(readFileSync(shared, 'utf8')) as { source: string; name: string }[]
    expect(Object.keys(cases).sort()).toEqual(listed.map(keyOf).sort())
  })

  it('that are skipped for another test name a test file that exists', () => {
    for (const scenario of Object.values(cases)) {
      const files = typeof scenario === 'function' ? [] : (scenario.skip.match(/[\w-]+\.test\.ts/g) ?? [])
      for (const file of files) expect(existsSync(new URL(file, import.meta.url)), file).toBe(true)
    }
  })
})
