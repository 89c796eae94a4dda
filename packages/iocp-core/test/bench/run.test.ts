import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { buildPrograms } from '../../bench/build-programs.ts'
import { hasBun } from '../../bench/contestants.ts'
import type { Place } from '../../bench/summary.ts'
import { loadAddon } from '../../src/native/load-addon.ts'
import { runNode } from '../children.ts'

const timeoutMs = 240_000
/** The test needs the addon, a compiler and taskset (util-linux). */
const absent = process.platform !== 'linux' || !('addon' in loadAddon())

const folder = mkdtempSync(join(tmpdir(), 'frameport-bench-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Written {
  readonly results: readonly { readonly place: Place; readonly runs: readonly unknown[] }[]
  readonly memory: readonly { readonly contestant: string; readonly bytesPerConnection: number }[]
}

describe.skipIf(absent)('the benchmark', () => {
  it('runs its contestants in turn and writes tables, a chart and every figure', {
    timeout: timeoutMs,
  }, async () => {
    const json = join(folder, 'bench.json')
    const chart = join(folder, 'bench.svg')
    const contestants = 'epoll/callback,epoll/iterator,net/callback,ws'
    const where = ['--payloads', '64', '--settings', '4x2', '--contestants', contestants, '--idle', '10,20']
    const time = ['--rounds', '1', '--ms', '50', '--warm-up-ms', '20']
    const { code, stdout, stderr } = await runNode([
      'bench/run.ts',
      ...where,
      ...time,
      '--markdown',
      '--json',
      json,
      '--chart',
      chart,
    ])
    expect(code, stderr).toBe(0)
    const nodeNet = ['node:net/coalesced', 'node:net/corked', 'node:net/expert']
    const references = [...nodeNet, ...(hasBun() ? ['Bun.listen'] : []), 'c++']
    const names = [...contestants.split(','), ...references].sort()
    for (const name of names)
      expect(stdout).toMatch(new RegExp(`^\\| ${name.replaceAll('+', '\\+')} \\|`, 'm'))
    const { results, memory } = JSON.parse(readFileSync(json, 'utf8')) as Written
    const rows = results[0]?.place.rows ?? []
    expect(rows.map(({ contestant }) => contestant).sort()).toEqual(names)
    for (const { contestant, framesPerSecond, ratio, slowestP99Ns } of rows) {
      expect(framesPerSecond, contestant).toBeGreaterThan(0)
      expect(slowestP99Ns, contestant).toBeGreaterThan(0)
      // The run of a reference in the round has neighbours too: the runs before and after the round.
      expect(ratio.median, contestant).toBeGreaterThan(0)
    }
    // All references run before and after the single round of all contestants.
    expect(results[0]?.runs).toHaveLength(references.length + names.length + references.length)
    expect(memory.map(({ contestant }) => contestant).sort()).toEqual(names)
    expect(readFileSync(chart, 'utf8').match(/<rect /g)).toHaveLength(names.length)
  })

  it('refuses an unknown contestant, and lists the known ones', async () => {
    const { code, stderr } = await runNode(['bench/run.ts', '--contestants', 'nobody'])
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/there is no nobody here, only .*epoll\/callback/)
  })

  it('fails when an echo is wrong', { timeout: timeoutMs }, async () => {
    const { load } = await buildPrograms()
    // Echoes the first frame correctly, and flips one bit in the sequence number of all later ones.
    const server = createServer((socket) => {
      socket.on('data', (chunk) => {
        if (socket.bytesWritten > 0) chunk[4]! ^= 1
        socket.write(chunk)
      })
      socket.on('error', () => socket.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { readonly port: number }
    const { code, stderr } = await runLoad(load, ['run', 'frames', String(port), '1', '1', '64', '10', '10'])
    server.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(/wrong sequence number: expected 1, got 0/)
  })
})

function runLoad(load: string, args: readonly string[]): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    execFile(load, [...args], (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stderr })
    })
  })
}
