import { describe, expect, test } from 'vitest'
import { readCommandLine, usage } from '../../src/doctor/command-line.ts'
import { backendNames, probe } from '../../src/index.ts'
import { runNode } from '../children.ts'

const doctor = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  runNode(['src/doctor/main.ts', ...args], { FRAMEPORT_BACKEND: '', ...environment })

describe('the arguments of the doctor', () => {
  test('may begin with its name, but need not', () => {
    const nothing = { json: false, help: false, seccompProfile: false, require: undefined }
    expect(readCommandLine([], backendNames)).toEqual(nothing)
    expect(readCommandLine(['doctor'], backendNames)).toEqual(nothing)
    expect(readCommandLine(['doctor', '--json', '--require', 'epoll'], backendNames)).toEqual({
      ...nothing,
      json: true,
      require: 'epoll',
    })
  })

  test.each([
    [['doctor', 'doctor'], "Unknown command or argument 'doctor'."],
    [['--require', 'kqueue'], "--require is 'kqueue', not one of iocp, io_uring, epoll, net."],
    [['--require'], /--require/],
    [['--colour'], /--colour/],
  ])('%j are refused with a sentence', (argv, problem) => {
    expect(readCommandLine(argv, backendNames)).toEqual({ problem: expect.stringMatching(problem) })
  })
})

describe('the doctor', () => {
  test('prints the result of probe() as JSON, and its exit code is the verdict', async () => {
    const { code, stdout, stderr } = await doctor(['doctor', '--json'])
    const report = JSON.parse(stdout)
    const notes = probe()
    const expected = notes.find(({ cause }) => cause !== 'other_system')
    expect(report.backends).toEqual(JSON.parse(JSON.stringify(notes)))
    expect(report).toMatchObject({ expected: expected?.backend, ok: expected?.available })
    expect({ code, stderr }).toEqual({ code: expected?.available ? 0 : 1, stderr: '' })
  })

  test('prints text without colours', async () => {
    const { stdout } = await doctor([])
    for (const { backend } of probe()) expect(stdout).toMatch(new RegExp(`^  ${backend} +\\S`, 'm'))
    expect(stdout).not.toContain('\u001b')
  })

  test('ends with 0 for a required back end that works, and with 1 for one that does not', async () => {
    expect((await doctor(['--require', 'net'])).code).toBe(0)
    const absent = process.platform === 'win32' ? 'epoll' : 'iocp'
    const { code, stdout } = await doctor(['--require', absent])
    expect(code).toBe(1)
    expect(stdout).toContain(`${absent}, the required back end, does not work.`)
  })

  test('says why an addon is absent, and that the back end in the environment variable fails', async () => {
    const { code, stdout } = await doctor([], {
      FRAMEPORT_ADDON: '/nowhere/frameport.node',
      FRAMEPORT_BACKEND: 'kqueue',
    })
    expect(code).toBe(1)
    expect(stdout).toContain("createCompletionPort() fails here. FRAMEPORT_BACKEND is 'kqueue'")
    if (process.platform === 'linux')
      expect(stdout).toContain('FRAMEPORT_ADDON names /nowhere/frameport.node')
  })

  test.runIf(process.platform === 'linux')(
    'ends with 1 if the environment names an unknown waker',
    async () => {
      const { code, stdout } = await doctor([], { FRAMEPORT_WAKER: 'rooster' })
      const report = await doctor(['--json', '--require', 'net'], { FRAMEPORT_WAKER: 'rooster' })
      const best = probe().find(({ available }) => available)?.backend
      expect(code).toBe(best === 'net' ? 0 : 1)
      expect(stdout).toContain('FRAMEPORT_WAKER=rooster')
      if (best !== 'net')
        expect(stdout).toContain("createCompletionPort() fails: FRAMEPORT_WAKER is 'rooster'")
      expect(report.code).toBe(0)
      expect(JSON.parse(report.stdout)).toMatchObject({
        wakerVariable: 'rooster',
        createRequired: { backend: 'net' },
      })
    },
  )

  test('ends with 2 and prints its usage for an unknown argument', async () => {
    const { code, stdout, stderr } = await doctor(['heal'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(`Unknown command or argument 'heal'.\n\n${usage}`)
  })

  test('prints its usage when asked', async () => {
    expect(await doctor(['--help'])).toEqual({ code: 0, stdout: usage, stderr: '' })
  })
})
