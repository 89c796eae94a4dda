import { describe, expect, test } from 'vitest'
import { backendFromEnvironment, fallbackWarning, openBackEnd } from '../src/choose-back-end.ts'
import type { BackendName, BackendNote } from '../src/contract/backend-note.ts'
import { BackendUnavailable } from '../src/contract/backend-unavailable.ts'
import type { CompletePortOptions, Driver, DriverFactory } from '../src/contract/driver.ts'
import { thrownError } from './thrown-error.ts'

const works = (backend: BackendName): BackendNote => ({ backend, available: true, steps: [] })
const refused = (backend: BackendName, reason = `${backend} is forbidden`): BackendNote => ({
  backend,
  available: false,
  steps: [],
  reason,
  cause: 'seccomp',
  fix: `Allow ${reason}.`,
  systemCode: 'EPERM',
})
const elsewhere = (backend: BackendName): BackendNote => ({
  ...refused(backend, `${backend} is of another system`),
  cause: 'other_system',
})

/** Back ends with these notes. `asked` lists those that were opened. */
function ladderOf(...notes: readonly BackendNote[]) {
  const asked: string[] = []
  const backEnds: DriverFactory[] = notes.map((note) => ({
    backend: note.backend,
    note: () => note,
    notSentLowRefusal: () => undefined,
    open() {
      asked.push(note.backend)
      if (!note.available) throw new BackendUnavailable(note)
      return { backend: note.backend } as Driver
    },
  }))
  return { backEnds, asked }
}

const open = (factory: DriverFactory) => factory.open({} as CompletePortOptions)

describe('auto', () => {
  test('takes the first back end that works, and opens none below it', () => {
    const { backEnds, asked } = ladderOf(elsewhere('iocp'), works('io_uring'), works('epoll'), works('net'))
    const choice = openBackEnd(backEnds, 'auto', open)
    expect(choice.driver.backend).toBe('io_uring')
    expect(asked).toEqual(['iocp', 'io_uring'])
    expect(fallbackWarning(choice)).toBeUndefined()
  })

  test('passes over a refused back end, and warns with the cause, a fix and a way to silence the warning', () => {
    const { backEnds } = ladderOf(elsewhere('iocp'), refused('io_uring'), works('epoll'), works('net'))
    const choice = openBackEnd(backEnds, 'auto', open)
    expect(choice.driver.backend).toBe('epoll')
    expect(fallbackWarning(choice)).toEqual({
      message: 'The back end is epoll, because io_uring is not available: io_uring is forbidden',
      detail:
        "Allow io_uring is forbidden. To keep epoll and silence this warning, set backend: 'epoll' or FRAMEPORT_BACKEND=epoll.",
    })
  })

  test('states a shared reason once, and different reasons separately', () => {
    const shared = ladderOf(refused('io_uring', 'no addon'), refused('epoll', 'no addon'), works('net'))
    expect(fallbackWarning(openBackEnd(shared.backEnds, 'auto', open))).toEqual({
      message: 'The back end is net, because io_uring and epoll are not available: no addon',
      detail: expect.stringMatching(/^Allow no addon\. To keep net/),
    })
    const two = ladderOf(refused('io_uring'), refused('epoll'), works('net'))
    expect(fallbackWarning(openBackEnd(two.backEnds, 'auto', open))?.message).toContain(
      'io_uring is not available: io_uring is forbidden; epoll is not available: epoll is forbidden',
    )
  })

  test('takes the next back end if one worked in the probe but cannot be opened', () => {
    const { backEnds } = ladderOf(works('io_uring'), works('epoll'), works('net'))
    const choice = openBackEnd(backEnds, 'auto', (factory) => {
      if (factory.backend === 'io_uring') throw new BackendUnavailable(refused('io_uring'))
      return open(factory)
    })
    expect(choice.driver.backend).toBe('epoll')
    expect(fallbackWarning(choice)?.message).toContain('io_uring is forbidden')
  })

  test('does not treat an unexpected error as an absent back end', () => {
    const { backEnds } = ladderOf(works('io_uring'), works('net'))
    const fault = new TypeError('ours')
    const failing = () => {
      throw fault
    }
    expect(() => openBackEnd(backEnds, 'auto', failing)).toThrow(fault)
  })

  test('gives no warning if the other back ends belong to other systems', () => {
    const { backEnds } = ladderOf(elsewhere('iocp'), elsewhere('io_uring'), elsewhere('epoll'), works('net'))
    const choice = openBackEnd(backEnds, 'auto', open)
    expect(choice.driver.backend).toBe('net')
    expect(fallbackWarning(choice)).toBeUndefined()
  })
})

describe('a name', () => {
  test('selects that back end, and no other one is tried', () => {
    const { backEnds, asked } = ladderOf(refused('io_uring'), works('epoll'), works('net'))
    expect(openBackEnd(backEnds, 'epoll', open)).toMatchObject({
      driver: { backend: 'epoll' },
      passedOver: [],
    })
    expect(asked).toEqual(['epoll'])
  })

  test('of a refused back end is an error with cause, fix and the name of the system error', () => {
    const { backEnds } = ladderOf(refused('io_uring'), works('epoll'), works('net'))
    const error = thrownError(() => openBackEnd(backEnds, 'io_uring', open))
    expect(error).toMatchObject({ code: 'BACKEND_UNAVAILABLE', systemCode: 'EPERM' })
    expect(error.message).toMatch(/^io_uring: io_uring is forbidden: .* Allow io_uring is forbidden\.$/)
  })

  test('comes from the environment when it is set and not empty', () => {
    const { backEnds } = ladderOf(works('epoll'), works('net'))
    const named = (value: string | undefined) =>
      backendFromEnvironment(backEnds, { FRAMEPORT_BACKEND: value })
    expect([undefined, '', 'auto', 'net'].map(named)).toEqual(['auto', 'auto', 'auto', 'net'])
    expect(thrownError(() => named('kqueue')).message).toMatch(/^FRAMEPORT_BACKEND is 'kqueue'/)
  })
})
