import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bundlePage } from '../../src/server/page/bundle.ts'

/**
 * The maximum of what a visitor loads, compressed by gzip: the client, the contract with its validator (zod), and the
 * page. A tenth more than today.
 */
const mostBytes = 152_000

test('the program of the page contains no module of Node.js, and stays small', async () => {
  const program = Buffer.from(await bundlePage())
  expect(program.toString()).not.toMatch(/["']node:|\brequire\(/)
  const packedBytes = gzipSync(program).length
  process.stdout.write(`the page's program: ${program.length} bytes, ${packedBytes} packed\n`)
  expect(packedBytes).toBeLessThan(mostBytes)
})
