import { describe, expect, test } from 'vitest'
import type { BackendNote } from '../../src/contract/backend-note.ts'
import { kernelsMin } from '../../src/diagnosis/refused-step.ts'
import { expectedOf, type Findings, runtimeName, type Surroundings } from '../../src/doctor/examination.ts'
import { jsonOf } from '../../src/doctor/json.ts'
import { findingsText, surroundingsText, verdict } from '../../src/doctor/report.ts'
import { plainFacts } from '../diagnosis/facts.ts'

const surroundings: Surroundings = {
  version: '1.0.0',
  runtime: 'Node.js 20.20.2',
  facts: { ...plainFacts, seccompMode: 2 },
  backendVariable: undefined,
  wakerVariable: undefined,
}

const ok = { required: true, ok: true } as const
const notes: readonly BackendNote[] = [
  {
    backend: 'iocp',
    available: false,
    steps: [],
    cause: 'other_system',
    reason: 'it is of Windows',
    fix: 'None.',
  },
  {
    backend: 'io_uring',
    available: false,
    steps: [{ step: 'io_uring_setup', required: true, ok: false, systemCode: 'EPERM' }],
    cause: 'seccomp',
    reason: 'io_uring_setup is refused (EPERM): a seccomp filter is in force',
    fix: 'Allow it.',
    systemCode: 'EPERM',
  },
  {
    backend: 'epoll',
    available: true,
    steps: [
      { step: 'epoll_create1', ...ok },
      { step: 'extra', required: false, ok: false, systemCode: 'EINVAL' },
    ],
  },
  { backend: 'net', available: true, steps: [] },
]

const findings: Findings = {
  addonFile: '/clone/frameport.node',
  notes,
  expected: 'io_uring',
  outcome: { backend: 'epoll' },
  requiredOutcome: undefined,
}

describe('the text of the doctor', () => {
  test('shows the machine, the ladder, each answer, the cause, the fix and the resulting back end', () => {
    expect(surroundingsText(surroundings) + findingsText(findings)).toBe(
      `Frameport doctor: the completion port (@frameport/iocp-core 1.0.0) on this machine

  system     linux 6.18.5, x64, glibc, Node.js 20.20.2
  seccomp    a filter is in force (mode 2)
  sysctl     kernel.io_uring_disabled = 0: everybody may use io_uring
  memlock    at most 8 MiB of locked memory
  addon      /clone/frameport.node

Back ends, best first

  iocp       not here: it is of Windows
  io_uring   does not work (seccomp)
  epoll      works, without extra
  net        works

io_uring (kernel ${kernelsMin.io_uring} or newer)

  io_uring_setup   EPERM
  why              io_uring_setup is refused (EPERM): a seccomp filter is in force
  fix              Allow it.

epoll (kernel ${kernelsMin.epoll} or newer)

  epoll_create1   ok
  extra           EINVAL (optional: the back end works without it)

createCompletionPort() uses epoll here.
`,
    )
  })

  test.each([
    [{ ioUringDisabled: undefined }, 'does not exist here (kernels before 6.6)'],
    [
      { ioUringDisabled: 1, ioUringGroup: 27 },
      'kernel.io_uring_disabled = 1, kernel.io_uring_group = 27: one group and privileged processes may use io_uring',
    ],
    [{ ioUringDisabled: 2 }, 'kernel.io_uring_disabled = 2: nobody may use io_uring'],
    [{ seccompMode: undefined }, 'unknown: /proc/self/status does not say'],
    [{ seccompMode: 0 }, 'no filter is in force'],
    [{ lockedMemoryBytes: Number.POSITIVE_INFINITY }, 'no limit'],
    [{ lockedMemoryBytes: 65_536 }, 'at most 64 KiB of locked memory'],
  ])('says of a machine with %j: %s', (facts, text) => {
    expect(surroundingsText({ ...surroundings, facts: { ...plainFacts, ...facts } })).toContain(text)
  })

  test('leaves out on other systems the facts that only Linux has', () => {
    const facts = { ...plainFacts, platform: 'win32', libc: undefined } as const
    expect(surroundingsText({ ...surroundings, facts })).not.toMatch(/seccomp|sysctl|memlock|glibc/)
  })

  test('shows the values of the variables, and that createCompletionPort() fails because of them', () => {
    expect(surroundingsText({ ...surroundings, backendVariable: 'iocp' })).toContain('FRAMEPORT_BACKEND=iocp')
    expect(surroundingsText({ ...surroundings, wakerVariable: 'loop' })).toContain('FRAMEPORT_WAKER=loop')
    const failing = findingsText({ ...findings, outcome: { error: 'iocp: it is of Windows' } })
    expect(failing).toContain('createCompletionPort() fails here. iocp: it is of Windows')
  })
})

describe('the verdict', () => {
  test('is about the best back end of the operating system', () => {
    expect(expectedOf(notes)).toBe('io_uring')
    expect(expectedOf(notes.filter(({ cause, backend }) => cause !== undefined || backend === 'net'))).toBe(
      'io_uring',
    )
    expect(verdict(findings, undefined)).toEqual({
      ok: false,
      sentence: 'io_uring, the best back end for this system, does not work.',
    })
  })

  test('is about the required back end if there is one', () => {
    expect(verdict(findings, 'epoll')).toEqual({ ok: true, sentence: 'epoll, the required back end, works.' })
    expect(verdict(findings, 'iocp').ok).toBe(false)
  })

  test('is negative if the back end works but no port can be made', () => {
    const working = {
      ...findings,
      expected: 'epoll' as const,
      outcome: { error: 'FRAMEPORT_WAKER is nonsense.' },
    }
    const fails = 'works, but createCompletionPort() fails: FRAMEPORT_WAKER is nonsense.'
    expect(verdict(working, undefined)).toEqual({
      ok: false,
      sentence: `epoll, the best back end for this system, ${fails}`,
    })
    // With a required back end, the verdict depends on a port on that one.
    expect(verdict({ ...working, requiredOutcome: { backend: 'net' } }, 'net').ok).toBe(true)
    expect(verdict({ ...working, requiredOutcome: working.outcome }, 'epoll')).toEqual({
      ok: false,
      sentence: `epoll, the required back end, ${fails}`,
    })
  })

  test('is about net if no native back end exists for the system', () => {
    const elsewhere = notes.map((note) =>
      note.backend === 'net' ? note : { ...note, available: false, cause: 'other_system' as const },
    )
    expect(expectedOf(elsewhere)).toBe('net')
  })
})

describe('the JSON of the doctor', () => {
  test('has null for unknown values, and no number that JSON lacks', () => {
    const facts = { ...plainFacts, ioUringDisabled: undefined, lockedMemoryBytes: Number.POSITIVE_INFINITY }
    const json = jsonOf({ ...surroundings, facts }, findings, { ok: false, required: undefined })
    expect(JSON.parse(JSON.stringify(json))).toEqual(json)
    expect(json).toMatchObject({
      system: { ioUringDisabled: null, lockedMemoryBytes: 'unlimited', kernel: '6.18.5' },
      backends: notes,
      expected: 'io_uring',
      required: null,
      createCompletionPort: { backend: 'epoll' },
      ok: false,
    })
  })
})

describe('the runtime', () => {
  test('has its own name, even if it also claims to be Node.js', () => {
    expect(runtimeName({ node: '20.20.2' })).toBe('Node.js 20.20.2')
    expect(runtimeName({ node: '22.0.0', bun: '1.4.5' })).toBe('Bun 1.4.5')
    expect(runtimeName({ node: '22.0.0', deno: '2.9.6' })).toBe('Deno 2.9.6')
  })
})
