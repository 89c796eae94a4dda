import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { bundle } from './bundle.ts'
import { places } from './end-inside.ts'

/* Starts processes that end themselves, in every place and by exit or throw: end-processes.ts BACKEND */
const backend = process.argv[2]!
const folder = mkdtempSync(join(tmpdir(), 'frameport-end-'))
const program = join(folder, 'end-main.mjs')
writeFileSync(program, bundle('./end-main.ts'))

async function endOne(place: string, way: string): Promise<void> {
  const child = spawn(process.execPath, [program, backend, place, way], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.on('close', (...codeAndSignal) => resolve(codeAndSignal)))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  // A crash gives a signal instead of an exit code.
  assert.deepEqual([place, way, await ended], [place, way, [way === 'exit' ? 23 : 1, null]])
  assert.equal(stdout, '')
  if (way === 'exit') assert.equal(stderr, '')
  else assert.match(stderr, /thrown on purpose/)
}

try {
  for (const place of places) await Promise.all([endOne(place, 'exit'), endOne(place, 'throw')])
} finally {
  rmSync(folder, { recursive: true })
}
process.stdout.write('each ended in its own way\n')
