// Runs the tests that need kernel.io_uring_disabled=2. The setting belongs to the whole machine: nothing else may use
// io_uring meanwhile, and it is set back however this ends (but for SIGKILL, which nobody can answer).
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const setting = '/proc/sys/kernel/io_uring_disabled'
const patienceMs = 400_000

const read = () => readFileSync(setting, 'utf8').trim()

/** The value before, once 2 is in force; or the sentence that says what is missing. */
function disable() {
  let before
  try {
    before = read()
  } catch {
    return { problem: `There is no ${setting}: the setting came with Linux 6.6.` }
  }
  // Before it is set, so that no moment is without it.
  process.on('exit', () => setBack(before))
  try {
    writeFileSync(setting, '2')
  } catch (error) {
    return {
      problem: `This needs to be root on the machine itself: ${setting} cannot be set (${error.code}).`,
    }
  }
  return { before }
}

function setBack(value) {
  if (read() === value) return
  try {
    writeFileSync(setting, value)
  } catch (error) {
    process.exitCode = 1
    process.stderr.write(`SET IT BACK BY HAND: sysctl kernel.io_uring_disabled=${value} (${error.message})\n`)
  }
}

function runTests() {
  const vitest = fileURLToPath(new URL('vitest.mjs', import.meta.resolve('vitest/package.json')))
  const child = spawn(process.execPath, [vitest, 'run', 'test/native/io-uring-disabled.test.ts'], {
    cwd: join(dirname(fileURLToPath(import.meta.url)), '..'),
    env: { ...process.env, FRAMEPORT_REQUIRE_IO_URING_DISABLED: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: patienceMs,
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      child.kill(signal)
      process.exit(128 + constants.signals[signal])
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? `ended by ${signal}`))
  })
}

const { problem, before } = disable()
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`)
  process.exit(1)
}
const result = await runTests()
setBack(before)
process.stdout.write(`kernel.io_uring_disabled is ${read()} again; the tests ended with ${result}.\n`)
process.exitCode = result === 0 && read() === before ? 0 : 1
