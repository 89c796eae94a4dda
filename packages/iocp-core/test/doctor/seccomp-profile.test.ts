import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ioUringCalls, seccompProfile } from '../../src/doctor/seccomp-profile.ts'
import { createCompletionPort, probe } from '../../src/index.ts'
import { answersOf, FilterLauncher, filterAbsent, systemCallNumbers } from '../native/system-call-filter.ts'

const profile = seccompProfile()
describe('the seccomp profile', () => {
  test('has the form that container runtimes read', () => {
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO')
    expect(profile.archMap.map(({ architecture }) => architecture)).toEqual([
      'SCMP_ARCH_X86_64',
      'SCMP_ARCH_AARCH64',
    ])
    for (const rule of profile.syscalls) {
      expect(rule.names.length).toBeGreaterThan(0)
      expect(rule.names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([])
      // Only a refusal has an error number.
      expect(rule.errnoRet !== undefined).toBe(rule.action === 'SCMP_ACT_ERRNO')
    }
  })

  test('names no call twice without a condition', () => {
    const plain = profile.syscalls.filter(({ args }) => args === undefined).flatMap(({ names }) => names)
    expect(plain.filter((name, index) => plain.indexOf(name) !== index)).toEqual([])
  })

  test('allows what io_uring needs', () => {
    const rule = profile.syscalls.find(({ names }) => names.includes('io_uring_setup'))
    expect(rule).toEqual({ names: ioUringCalls, action: 'SCMP_ACT_ALLOW' })
  })

  test('allows nothing that changes the machine or looks into other processes', () => {
    const dangerous =
      `acct add_key bpf chroot clock_settime delete_module finit_module fsopen init_module ioperm iopl
      kexec_file_load kexec_load keyctl mount move_mount open_by_handle_at open_tree perf_event_open pidfd_getfd
      pivot_root process_vm_readv process_vm_writev ptrace reboot request_key setdomainname sethostname setns
      settimeofday swapoff swapon syslog umount2 unshare userfaultfd`.split(/\s+/)
    const allowed = profile.syscalls.flatMap(({ names }) => names)
    expect(dangerous.filter((name) => allowed.includes(name))).toEqual([])
  })
})

const program = `
  import { execFileSync } from 'node:child_process'
  import { createCompletionPort, probe } from './src/index.ts'
  const port = createCompletionPort()
  const listener = await port.listen('tcp://localhost:0', (connection) => {
    connection.start({ data: (chunk) => void connection.send(chunk), end: () => connection.end(), drain() {}, close() {} })
  })
  const connection = await port.connect(listener.url)
  connection.send(Buffer.from('hello'))
  connection.end()
  let echo = ''
  for await (const chunk of connection) echo += Buffer.from(chunk)
  await port.close()
  const child = execFileSync('sh', ['-c', 'echo from a child']).toString().trim()
  const works = probe().filter(({ available }) => available).map(({ backend }) => backend)
  console.log(JSON.stringify({ backend: port.backend, echo, child, works }))`

const skipped = filterAbsent === undefined ? '' : ` (skipped: ${filterAbsent})`

describe.skipIf(filterAbsent !== undefined)(`under a filter made of the seccomp profile${skipped}`, () => {
  let launcher: FilterLauncher
  let numbers: ReadonlyMap<string, number>
  beforeAll(() => {
    launcher = new FilterLauncher()
    numbers = systemCallNumbers()
  })
  afterAll(() => launcher.remove())

  function run(answers: ReadonlyMap<number, number>, command: readonly string[]) {
    const [file = '', ...words] = [...launcher.command(1, answers), ...command]
    const cwd = fileURLToPath(new URL('../..', import.meta.url))
    const env = { ...process.env, NODE_OPTIONS: '', FRAMEPORT_BACKEND: '' }
    return spawnSync(file, words, { cwd, env, encoding: 'utf8' })
  }
  const node = [process.execPath, '--conditions=@frameport/source', '--import', 'tsx', '--input-type=module']

  // Each architecture lacks some calls: arm64 has no open, only openat.
  test.runIf(process.arch === 'x64')(
    'every name is a system call of this machine, or one that its headers do not know yet',
    () => {
      const unknown = profile.syscalls.flatMap(({ names }) => names).filter((name) => !numbers.has(name))
      // Calls of Linux 6.6 and 6.7: the headers may be older.
      expect(unknown.filter((name) => !/^(futex_(wait|wake|requeue)|fchmodat2)$/.test(name))).toEqual([])
    },
  )

  test('everything that works without a filter works, with the same back end', async () => {
    const { status, stdout, stderr } = run(answersOf(profile, numbers), [...node, '--eval', program])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const port = createCompletionPort({ backend: 'auto' })
    expect(JSON.parse(stdout)).toEqual({
      backend: port.backend,
      echo: 'hello',
      child: 'from a child',
      works: probe()
        .filter(({ available }) => available)
        .map(({ backend }) => backend),
    })
    await port.close()
  })

  test('a call that is not listed is refused', () => {
    const { status, stderr } = run(answersOf(profile, numbers), ['unshare', '--user', 'true'])
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/Operation not permitted/)
  })
})
