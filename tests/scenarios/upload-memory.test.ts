import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { probe } from '@frameport/iocp-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { typescriptArguments } from '../support/typescript-arguments.ts'

/** `UPLOAD_MIB=1024 UPLOAD_STALL_MS=30000` selects the long form of these tests. */
const fileMiB = Number(process.env.UPLOAD_MIB ?? 100)
const stallMs = Number(process.env.UPLOAD_STALL_MS ?? 1_000)

/**
 * The maximum that an upload of any length may add to the peak of the resident memory of a process after its first
 * upload.
 */
const growthMiBMax = 32

const program = fileURLToPath(new URL('children/upload.ts', import.meta.url))
const execArgv = ['--expose-gc', ...typescriptArguments]
const folder = mkdtempSync(join(tmpdir(), 'frameport-upload-'))
const file = join(folder, 'file')
let digest = ''

beforeAll(() => {
  const hash = createHash('sha256')
  const block = Buffer.alloc(1024 * 1024)
  const written = openSync(file, 'w')
  for (let count = 0; count < fileMiB; count++) {
    block.fill(count % 251)
    hash.update(block)
    writeSync(written, block)
  }
  closeSync(written)
  digest = hash.digest('hex')
}, 120_000)

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true }))

function start(...args: readonly string[]) {
  const child = fork(program, args, { execArgv })
  children.push(child)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`upload.ts ${args[0]} ended with ${code}`)
  })
  ended.catch(() => undefined)
  const next = async () => (await Promise.race([once(child, 'message'), ended]))[0]
  const ask = (what: string) => {
    child.send(what)
    return next()
  }
  return { next, ask }
}

for (const { backend, available, reason } of probe().filter(({ cause }) => cause !== 'other_system')) {
  describe(`on ${backend}`, () => {
    if (!available) return test.skip(`not available: ${reason}`, () => undefined)
    test.each([0, stallMs])(
      `${fileMiB} MiB of a file, with a callee that stalls for %i ms, take less than ${growthMiBMax} MiB on each side`,
      async (stall) => {
        const server = start('serve', backend)
        const listening = await server.next()
        expect(listening.backend).toBe(backend)
        const client = start('send', backend, listening.url, file, String(stall))
        await client.next()
        await server.ask('watch')
        const { receipt, peakMiB: atClient } = await client.ask('send')
        const { peakMiB: atServer } = await server.ask('peak')
        process.stdout.write(
          `${backend}, stalled ${stall} ms: caller ${atClient.toFixed(1)} MiB, callee ${atServer.toFixed(1)} MiB\n`,
        )
        expect(receipt).toEqual({ bytes: fileMiB * 1024 * 1024, digest })
        expect(atClient).toBeLessThan(growthMiBMax)
        expect(atServer).toBeLessThan(growthMiBMax)
      },
      600_000,
    )
  })
}
