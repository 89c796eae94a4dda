import { describe, expect, test, vi } from 'vitest'
import { type BackendName, backendNames, createCompletionPort, probe } from '../src/index.ts'
import { runNode } from './children.ts'
import { thrownError } from './thrown-error.ts'

/** Opens a port in a process whose addon cannot be loaded. */
function openWithoutAddon(options: string, environment: NodeJS.ProcessEnv = {}) {
  const program = `
    import { createCompletionPort } from './src/index.ts'
    for (let count = 0; count < 3; count++) {
      const port = createCompletionPort(${options})
      console.log(port.backend)
      await port.close()
    }`
  return runNode(['--input-type=module', '--eval', program], {
    FRAMEPORT_ADDON: '/nowhere/no-such-addon.node',
    FRAMEPORT_BACKEND: '',
    ...environment,
  })
}

describe('the ladder', () => {
  test('lists all back ends, best first, and for each absent one a reason and a fix', async () => {
    const notes = probe()
    expect(notes.map(({ backend }) => backend)).toEqual(backendNames)
    expect(notes.at(-1)).toEqual({ backend: 'net', available: true, steps: [] })
    for (const note of notes) {
      if (note.available) {
        expect(note).not.toHaveProperty('reason')
        expect(note.steps.filter(({ ok, required }) => required && !ok)).toEqual([])
      } else
        expect(note).toMatchObject({
          reason: expect.stringMatching(/.{10,}/),
          fix: expect.stringMatching(/.{10,}/),
          cause: expect.stringMatching(/^[a-z_]+$/),
        })
    }
    const port = createCompletionPort({ backend: 'net' })
    expect(port.backendNotes).toEqual(notes)
    await port.close()
  })

  test('auto takes the best available back end', async () => {
    vi.stubEnv('FRAMEPORT_BACKEND', '')
    const port = createCompletionPort()
    expect(port.backend).toBe(probe().find(({ available }) => available)?.backend)
    await port.close()
    vi.unstubAllEnvs()
  })

  const elsewhere = probe().filter(({ cause }) => cause === 'other_system')
  test.each(elsewhere)(
    '$backend by name is an error with the reason, never another back end',
    ({ backend }) => {
      const error = thrownError(() => createCompletionPort({ backend }))
      expect(error.code).toBe('BACKEND_UNAVAILABLE')
      expect(error.message).toContain(backend)
      expect(error.message).toMatch(/not built yet|exist/)
    },
  )

  test('an unknown name is an error that lists the known ones', () => {
    const error = thrownError(() => createCompletionPort({ backend: 'kqueue' as BackendName }))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(error.message).toContain('auto, iocp, io_uring, epoll, net')
  })
})

describe('FRAMEPORT_BACKEND', () => {
  test('names the back end when the options do not', async () => {
    vi.stubEnv('FRAMEPORT_BACKEND', 'net')
    const port = createCompletionPort()
    expect(port.backend).toBe('net')
    await port.close()
    vi.unstubAllEnvs()
  })

  test('is an error if it names an absent or unknown back end', () => {
    vi.stubEnv('FRAMEPORT_BACKEND', 'iocp')
    expect(thrownError(() => createCompletionPort()).code).toBe('BACKEND_UNAVAILABLE')
    vi.stubEnv('FRAMEPORT_BACKEND', 'quic')
    expect(thrownError(() => createCompletionPort()).message).toContain('FRAMEPORT_BACKEND')
    vi.unstubAllEnvs()
  })
})

describe.runIf(process.platform === 'linux')('without an addon on Linux', () => {
  test('auto takes net, and warns once', async () => {
    const { code, stdout, stderr } = await openWithoutAddon('{}')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'net\nnet\nnet\n' })
    expect(stderr.match(/FRAMEPORT_BACKEND_FALLBACK/g)).toHaveLength(1)
    expect(stderr).toMatch(/epoll (is|are) not available: .*nowhere/)
  })

  test('asking for net by option or environment gives no warning', async () => {
    const byOption = await openWithoutAddon("{ backend: 'net' }")
    expect(byOption).toEqual({ code: 0, stdout: 'net\nnet\nnet\n', stderr: '' })
    const byEnvironment = await openWithoutAddon('{}', { FRAMEPORT_BACKEND: 'net' })
    expect(byEnvironment).toEqual({ code: 0, stdout: 'net\nnet\nnet\n', stderr: '' })
  })

  test('asking for epoll fails with the reason', async () => {
    const { code, stderr } = await openWithoutAddon("{ backend: 'epoll' }")
    expect(code).toBe(1)
    expect(stderr).toContain('BACKEND_UNAVAILABLE')
  })
})
