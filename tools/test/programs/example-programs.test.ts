import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type InstalledPrograms, installPrograms } from './install-packages.ts'
import { backends, Stage } from './stage.ts'

let programs: InstalledPrograms
let stage: Stage

// Seconds on an idle machine: five runs of npm, and the compiler.
beforeAll(async () => {
  programs = await installPrograms(['store', 'job-queue'])
}, 240_000)
afterEach(() => stage.clear())
afterAll(() => programs?.remove())

describe.each(backends())('from packed tarballs, over %s,', (backend) => {
  it('the store tells a watcher of every change, and lets no concurrent change get lost', {
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

    // Who comes back asks for what it missed.
    const late = run('watch', '', '51')
    await late.printed(/size = 3/)
    expect(await late.signal('SIGINT').ends(0)).toContain('stopped watching')
    expect(await server.signal('SIGTERM').ends(0)).toContain('closed')
    expect(await watcher.ends(1)).toContain('UNAVAILABLE')
  })

  it('the job queue gives each job to one worker, and tells it when nobody wants the job any more', {
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

    // Both ends of a job that takes too long are told, the waiting and the working one.
    const late = submit('a late job', '600000', '3000')
    const [, lateId] = await worker.printed(/job (\S+) of ada\n$/)
    const next = submit('the next job', '600000')
    await next.printed(/submitted/)
    expect(await as('grace', 'admin', 'stats').ends(0)).toContain('1 running, 2 finished')
    expect(await late.ends(1)).toContain('DEADLINE_EXCEEDED')
    await worker.printed(new RegExp(`job ${lateId} was given up`))
    const [, nextId = ''] = await worker.printed(/given up.*\njob (\S+) of ada\n$/)
    expect(worker.output.match(/ of ada/g)).toHaveLength(4)

    // A worker that is gone leaves its job to others; who gives up stops it there.
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
})
