import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startCuttingProxy } from './cutting-proxy.ts'
import { type InstalledPrograms, installPrograms } from './install-packages.ts'
import { backends, Stage } from './stage.ts'

let programs: InstalledPrograms
let stage: Stage
const folder = mkdtempSync(join(tmpdir(), 'frameport-files-'))

// Takes seconds on an idle machine: five runs of npm, and the compiler.
beforeAll(async () => {
  programs = await installPrograms(['store', 'job-queue', 'download'])
}, 240_000)
afterEach(() => stage.clear())
afterAll(() => {
  programs?.remove()
  rmSync(folder, { recursive: true })
})

/** Writes a file of random bytes in pieces, and returns its checksum. */
function writeRandomFile(file: string, mebibytes: number): string {
  const hash = createHash('sha256')
  const descriptor = openSync(file, 'w')
  for (let index = 0; index < mebibytes; index++) {
    const piece = randomBytes(1024 ** 2)
    hash.update(piece)
    writeSync(descriptor, piece)
  }
  closeSync(descriptor)
  return hash.digest('hex')
}

/** Prints the peak memory of a program when it ends, without changing the program. */
const reportPeak =
  "process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS + ' KiB\\n'))"
const peakKiB = (output: string) => Number(/peak (\d+) KiB/.exec(output)?.[1])

describe.each(backends())('from packed tarballs, over %s,', (backend) => {
  it('the store reports every change to a watcher, and loses no concurrent change', {
    timeout: 120_000,
  }, async () => {
    stage = new Stage(programs, backend)
    const { server, url } = await stage.serve('store/server')
    const run = (...args: string[]) => stage.start('store/client', [url, ...args])

    const watcher = run('watch', 'n')
    await watcher.printed(/watching 'n'/)
    const counters = [run('increment', 'number', '25'), run('increment', 'number', '25')]
    const other = run('put', 'colour', 'red')
    await Promise.all([...counters, other].map((program) => program.ends(0)))
    await watcher.printed(/number = 50 /)
    const seen = [...watcher.output.matchAll(/^(\w+) = (\d+) /gm)].map((match) => `${match[1]} ${match[2]}`)
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => `number ${index + 1}`))

    const [conflict, missing, again, listed] = await Promise.all([
      run('cas', 'colour', '0', 'blue').ends(1),
      run('get', 'weight').ends(1),
      run('put', 'size', '3').ends(0),
      run('list', 'colour').ends(0),
    ])
    expect(conflict).toMatch(/^CONFLICT: the key has revision \d+ by now \(red\)\n$/)
    expect(missing).toBe("NOT_FOUND: There is no key 'weight'.\n")
    expect(again).toBe('size = 3 (revision 52, by ada)\n')
    expect(listed).toMatch(/^colour = red \(revision \d+, by ada\)\n$/)

    // A watcher that comes back requests the changes that it missed.
    const late = run('watch', '', '51')
    await late.printed(/size = 3/)
    expect(await late.signal('SIGINT').ends(0)).toContain('stopped watching')
    expect(await server.signal('SIGTERM').ends(0)).toContain('closed')
    expect(await watcher.ends(1)).toContain('UNAVAILABLE')
  })

  it('the job queue gives each job to one worker, and informs the worker when the job is no longer needed', {
    timeout: 120_000,
  }, async () => {
    stage = new Stage(programs, backend)
    const { server, url } = await stage.serve('job-queue/server')
    const as = (key: string, program: string, ...args: string[]) =>
      stage.start(`job-queue/${program}`, [url, ...args], { JOBS_KEY: `key-of-${key}` })
    const submit = (...args: string[]) => as('ada', 'submit', ...args)

    const worker = as('worker-1', 'worker')
    await worker.printed(/worker-1 waits for jobs/)
    const [counted, failed, nobody, forbidden] = await Promise.all([
      submit('to be or not to be').ends(0),
      submit('').ends(1),
      as('nobody', 'submit', 'text').ends(1),
      as('ada', 'admin', 'stats').ends(1),
    ])
    expect(counted).toContain('6 words, counted by worker-1')
    expect(counted).toMatch(/event: worker-1 ended job \S+: done/)
    expect(failed).toContain('JOB_FAILED: worker-1 says: there are no words')
    expect(nobody).toBe('UNAUTHENTICATED: Nobody has this key. Set JOBS_KEY.\n')
    expect(forbidden).toContain("PERMISSION_DENIED: admin.stats is for the role 'admin' only.")

    // Both ends of a job that takes too long are informed: the waiting client and the worker.
    const late = submit('a late job', '600000', '3000')
    const [, lateId] = await worker.printed(/job (\S+) of ada\n$/)
    const next = submit('the next job', '600000')
    await next.printed(/submitted/)
    expect(await as('grace', 'admin', 'stats').ends(0)).toContain('1 running, 2 finished')
    expect(await late.ends(1)).toContain('DEADLINE_EXCEEDED')
    await worker.printed(new RegExp(`job ${lateId} was given up`))
    const [, nextId = ''] = await worker.printed(/given up.*\njob (\S+) of ada\n$/)
    expect(worker.output.match(/ of ada/g)).toHaveLength(4)

    // If a worker is gone, another one gets its job. If the client gives up, the job stops there.
    await worker.signal('SIGKILL').ends('SIGKILL')
    const other = as('worker-2', 'worker')
    await other.printed(new RegExp(`job ${nextId} of ada`))
    expect(await next.signal('SIGINT').ends(1)).toContain('CANCELLED')
    await other.printed(new RegExp(`job ${nextId} was given up`))
    const last = submit('the last job', '600000')
    const [, lastId = ''] = await other.printed(/given up.*\njob (\S+) of ada\n$/)
    expect(await as('grace', 'admin', 'cancel', lastId).ends(0)).toContain('is cancelled')
    expect(await last.ends(1)).toContain('ABORTED: grace cancelled the job.')
    await other.printed(new RegExp(`job ${lastId} was given up: grace cancelled the job.`))

    expect(await other.signal('SIGTERM').ends(0)).toContain('stopped')
    const log = await server.signal('SIGTERM').ends(0)
    expect(log).toContain('closed')
    expect(log).toMatch(/^ada queue\.run: completed, 0 items, \d+ ms$/m)
    expect(log).toMatch(/^ada queue\.run: left \(DEADLINE_EXCEEDED\)/m)
    expect(log).toMatch(/^worker-1 work\.take: left/m)
  })

  it('the download of 200 MiB survives a cut unnoticed, has the right checksum and uses no memory for its length', {
    timeout: 240_000,
  }, async () => {
    stage = new Stage(programs, backend)
    const large = join(folder, 'large.bin')
    const sha256 = writeRandomFile(large, 200)
    writeRandomFile(join(folder, 'small.bin'), 1)
    const measured = {
      NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(reportPeak).replaceAll("'", '%27')}"`,
    }
    const serve = () => stage.serve('download/server', [folder], measured)
    const target = join(folder, `${backend}.copy`)

    // The memory for a short file is the reference for the memory for a long one.
    const small = await serve()
    const smallClient = await stage
      .start('download/client', [small.url, 'small.bin', target], measured)
      .ends(0)
    const smallServer = await small.server.signal('SIGTERM').ends(0)

    const { server, url } = await serve()
    const proxy = await startCuttingProxy(url, 80 * 1024 ** 2)
    const output = await stage.start('download/client', [proxy.url, 'large.bin', target], measured).ends(0)
    await proxy.close()
    expect(output).toMatch(/30 % of 200\.0 MiB/)
    expect(output).not.toContain('trying again')
    expect(output).toMatch(/100 % of 200\.0 MiB/)
    expect(output).toContain(`large.bin: ${200 * 1024 ** 2} bytes, SHA-256 ${sha256}`)
    expect(proxy.connections()).toBe(2)
    expect(createHash('sha256').update(readFileSync(target)).digest('hex')).toBe(sha256)

    expect(await stage.start('download/client', [url, 'absent', target]).ends(1)).toContain('NO_SUCH_FILE')
    expect(await stage.start('download/client', [url, '../etc/passwd', target]).ends(1)).toContain(
      'INVALID_ARGUMENT',
    )
    const serverOutput = await server.signal('SIGTERM').ends(0)
    expect(peakKiB(output) - peakKiB(smallClient), output).toBeLessThan(100 * 1024)
    expect(peakKiB(serverOutput) - peakKiB(smallServer), serverOutput).toBeLessThan(100 * 1024)
    rmSync(target)
    expect(readdirSync(folder).filter((file) => file.endsWith('.part'))).toEqual([])
  })

  it('a stopped download continues, and one with a damaged part is refused', {
    timeout: 120_000,
  }, async () => {
    stage = new Stage(programs, backend)
    const sha256 = writeRandomFile(join(folder, 'medium.bin'), 20)
    const target = join(folder, `${backend}.medium`)
    const { server, url } = await stage.serve('download/server', [folder])
    // The proxy never cuts, and forwards nothing after 5 MiB: the client waits, as for a slow server.
    const proxy = await startCuttingProxy(url, 5 * 1024 ** 2, 'stall')
    const stopped = stage.start('download/client', [proxy.url, 'medium.bin', target])
    await stopped.printed(/10 % of/)
    expect(await stopped.signal('SIGINT').ends(1)).toContain('stopped; the same command goes on')
    await proxy.close()

    const [part = ''] = readdirSync(folder).filter((file) => file.endsWith('.part'))
    const intact = readFileSync(join(folder, part))
    const damaged = Buffer.from(intact)
    damaged[7] = (damaged[7] ?? 0) ^ 1
    writeFileSync(join(folder, part), damaged)
    const again = () => stage.start('download/client', [url, 'medium.bin', target])
    expect(await again().ends(1)).toContain('The check sum of medium.bin is wrong')

    writeFileSync(join(folder, part), intact)
    const output = await again().ends(0)
    expect(output).toContain(`going on at byte ${intact.length}`)
    expect(output).toContain(sha256)
    rmSync(target)
    await server.signal('SIGTERM').ends(0)
  })
})
