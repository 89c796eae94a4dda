import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { DriverConnection } from '../../src/contract/driver.ts'
import type { Endpoint } from '../../src/endpoint/endpoint.ts'
import { isZero, nativeBackEnds, openDriver, record, until } from './drivers.ts'
import { runChild, runNode } from './run-child.ts'

const run = promisify(execFile)
const patience = { timeout: 900_000 }
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const works = nativeBackEnds.some(({ backend, absent }) => backend === 'io_uring' && !absent)

/** The addon whose queues hold 4 submissions and 8 completions, and whose buffers serve one receive each. */
async function smallRingAddon(): Promise<{ FRAMEPORT_ADDON: string }> {
  const built = await runNode([here('../../scripts/build-addon.mjs'), '--variant', 'small-ring'])
  expect(built.code).toBe(0)
  const folder = `../../build/${process.platform}-${process.arch}-small-ring`
  return { FRAMEPORT_ADDON: here(`${folder}/frameport.node`) }
}

/** A peer sends and leaves immediately, before the port receives. Returns what the port reports. */
async function sendAndGo(
  endpoint: Endpoint,
  go: (peer: Socket) => void,
): Promise<{ bytes: number; told: string }> {
  const driver = openDriver('io_uring')
  const accepted: DriverConnection[] = []
  const events = { accepted: (one: DriverConnection) => accepted.push(one), acceptFailed: () => undefined }
  const listener = await driver.listen(endpoint, {}, events)
  const at = listener.endpoint
  const peer = at.kind === 'unix' ? connect(at.path) : connect('port' in at ? at.port : 0, '127.0.0.1')
  await Promise.all([once(peer, 'connect'), until(() => accepted.length === 1)])
  const connection = accepted[0]!
  const server = record(connection)
  peer.write(new Uint8Array(100))
  go(peer)
  // Bytes and end have both arrived when the receive is submitted: the kernel wakes it once.
  await new Promise((resolve) => setTimeout(resolve, 5))
  connection.receiveStart()
  let error: Error | undefined
  let gone = false
  const leaving = server.gone.then((reason) => {
    error = reason
    gone = true
  })
  await until(() => server.ended || gone)
  const told = server.ended ? 'end' : String((error as { code?: string } | undefined)?.code)
  connection.close(true)
  await leaving
  await listener.close()
  await until(() => isZero(driver))
  await driver.close()
  return { bytes: server.bytes.length, told }
}

describe.runIf(works)('io_uring', () => {
  test(
    'passes the whole suite with whole buffers and queues that overflow all the time',
    patience,
    async () => {
      const environment = await smallRingAddon()
      const { output: shape } = await runChild('report-ring-size.ts', { environment })
      expect(shape).toMatch(/SqMask:\s*0x3 CqMask:\s*0x7\b/)
      const program = here('../../conformance/plain.ts')
      const { code, output } = await runNode(
        ['--conditions=@frameport/source', '--import', 'tsx', program, 'io_uring', '--time-scale', '3'],
        environment,
      )
      expect(output).toMatch(/^\d+ passed, 0 failed, 0 skipped$/m)
      expect(code).toBe(0)
    },
  )

  test('reports a reset that arrives together with the last bytes', patience, async () => {
    for (let round = 0; round < 20; round++) {
      const endpoint = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const
      const { told } = await sendAndGo(endpoint, (peer) => peer.resetAndDestroy())
      expect(told).toBe('CONNECTION_RESET')
    }
  })

  test(
    'reports the end of a Unix socket that arrives together with the last bytes, after them',
    patience,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'frameport-'))
      for (let round = 0; round < 20; round++) {
        const endpoint = { kind: 'unix', path: join(folder, `${round}.sock`) } as const
        expect(await sendAndGo(endpoint, (peer) => peer.destroy())).toEqual({ bytes: 100, told: 'end' })
      }
      rmSync(folder, { recursive: true })
    },
  )

  test(
    'serves all connections that flood four buffers, and lets none wait until the others are done',
    patience,
    async () => {
      const { code, output } = await runChild('flood.ts', { environment: await smallRingAddon() })
      expect(code).toBe(0)
      expect(Number(output)).toBeGreaterThan(512 * 1024)
    },
  )

  test(
    'handles, in a separate program, receives without a buffer, a reused record, a sleeping port and a lost completion',
    patience,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'frameport-'))
      const program = join(folder, 'port')
      const sourcesIn = (name: string) => {
        const native = here(`../../native/${name}`)
        return readdirSync(native)
          .filter((file) => file.endsWith('.cc'))
          .map((file) => join(native, file))
      }
      const sources = [
        ...['backends/io_uring', 'os/linux', 'base'].flatMap(sourcesIn),
        here('../../native/seams/receive_pages.cc'),
        here('ring/port_program.cc'),
      ]
      const flags = ['-std=c++17', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined']
      const wraps = ['-Wl,--wrap=syscall', '-Wl,--wrap=mmap']
      await run(process.env.CXX ?? 'g++', [...flags, ...wraps, ...sources, '-o', program])
      const { stdout } = await run(program)
      const { ENOBUFS } = constants.errno
      expect(stdout.trim().split('\n')).toEqual([
        'an accept that EPERM refuses ends',
        '0 of 10 are served without a buffer, and 10 by the wait behind its return',
        'the last bytes and the end come in one wait',
        'afterwards both connections hear their peers',
        'two sends of three parts are 1 call of the ring and take 3 and 3 bytes',
        'their answers wake nobody',
        'what completes beside them wakes somebody',
        'two cancels of a port that sleeps are 0 calls, has_ready 1, and the next wait ends 2 in 1',
        '4 operations ended, 4 of them by ENOBUFS',
        `afterwards submit says ${ENOBUFS}, listen ${ENOBUFS}, has_ready 0`,
        'the port is freed, buffers in use: 0',
      ])
      rmSync(folder, { recursive: true })
    },
  )

  test(
    'delivers completions that do not fit the queue later and in order, and keeps a ring in its process',
    patience,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'frameport-'))
      const program = join(folder, 'ring')
      const sources = [
        '../../native/backends/io_uring/ring.cc',
        '../../native/base/check.cc',
        'ring/ring_program.cc',
      ].map(here)
      await run(process.env.CXX ?? 'g++', ['-std=c++17', ...sources, '-o', program])
      const { stdout, stderr } = await run(program)
      expect(stdout.trim().split('\n')).toEqual([
        '8 ready, overflowed',
        '40 taken, in order, not overflowed',
        'child ended by 0',
        'parent went on well',
        'child ended by 6',
        'parent went on well',
      ])
      expect(stderr).toContain('a port is not used in a child made by fork()')
      rmSync(folder, { recursive: true })
    },
  )
})
