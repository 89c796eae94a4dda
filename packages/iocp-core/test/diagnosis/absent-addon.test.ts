import { describe, expect, test } from 'vitest'
import { absentAddon } from '../../src/diagnosis/absent-addon.ts'

const linux = { platform: 'linux', arch: 'x64', libc: 'glibc' } as const
const buildScript = '/clone/scripts/build-addon.mjs'
const file = '/clone/build/linux-x64/frameport.node'
const missing = { code: 'MODULE_NOT_FOUND', message: `Cannot find module '${file}'` }

describe('an addon that is not there', () => {
  test('is not made for some systems', () => {
    const search = { file: undefined, named: false, buildScript }
    const refusal = absentAddon(search, { platform: 'freebsd', arch: 'ppc64', libc: undefined })
    expect(refusal).toMatchObject({ cause: 'no_addon', reason: expect.stringContaining('freebsd-ppc64') })
  })

  test('was not built in a clone: the command that builds it is named', () => {
    const refusal = absentAddon({ file, named: false, error: missing, buildScript }, linux)
    expect(refusal.reason).toContain('not built')
    expect(refusal.fix).toBe(`Install g++ and run: node ${buildScript}`)
  })

  test('was not built on musl: the packages of Alpine are named', () => {
    const search = { file, named: false, error: missing, buildScript }
    expect(absentAddon(search, { ...linux, libc: 'musl' }).fix).toContain('apk add g++')
  })

  test('is not in a clone on Windows: it is compiled on Linux and copied', () => {
    const search = {
      file: 'C:\\clone\\frameport.node',
      named: false,
      error: missing,
      buildScript: 'scripts/build-addon.mjs',
    }
    const refusal = absentAddon(search, { platform: 'win32', arch: 'x64', libc: undefined })
    expect(refusal.reason).toBe('the addon was not copied here')
    expect(refusal.fix).toContain('node scripts/build-windows.mjs')
  })

  const packageName = '@frameport/iocp-core-linux-x64-gnu'
  const published = { file: packageName, named: false, error: missing, packageName, buildScript: undefined }

  test('is in a separate package, which the installation left out', () => {
    const refusal = absentAddon(published, linux)
    expect(refusal.reason).toContain(`${packageName}, the package with the native addon`)
    expect(refusal.fix).toContain('--omit=optional')
    expect(refusal.fix).not.toContain('scripts')
  })

  test.each([missing, { code: 'ERR_DLOPEN_FAILED', message: 'ld-linux-x86-64.so.2: not found' }])(
    'is not made for musl, whether or not the package for glibc is installed (%o)',
    (error) => {
      const refusal = absentAddon({ ...published, error }, { ...linux, libc: 'musl' })
      expect(refusal.reason).toBe('there is no native addon for linux-x64 with musl')
    },
  )

  test('is named by a variable, and the name is wrong', () => {
    const search = { file: '/no/such.node', named: true, error: missing, buildScript }
    expect(absentAddon(search, linux).reason).toBe(
      'FRAMEPORT_ADDON names /no/such.node, which does not exist',
    )
  })
})

describe('an addon that cannot be loaded', () => {
  test.each([
    [`/lib/libc.so.6: version \`GLIBC_2.38' not found (required by ${file})`, 'newer C library', '--force'],
    [
      `libstdc++.so.6: version \`GLIBCXX_3.4.32' not found (required by ${file})`,
      'newer C library',
      '--force',
    ],
    [
      'Error loading shared library ld-linux-x86-64.so.2: No such file or directory',
      'another C library',
      '--force',
    ],
    [`Error relocating ${file}: __res_init: symbol not found`, 'another C library', '--force'],
    [`${file}: wrong ELF class: ELFCLASS32`, 'not an addon for this processor', '--force'],
    [`${file}: invalid ELF header`, 'not an addon for this processor', '--force'],
    [`${file} is not a valid Win32 application.`, 'not an addon for this processor', '--force'],
    [`${file}: failed to map segment from shared object`, 'noexec', 'a file system that allows running code'],
    ['something new', 'could not be loaded: something new', '--force'],
  ])('says what %j means', (message, means, fix) => {
    const search = { file, named: false, error: { code: 'ERR_DLOPEN_FAILED', message }, buildScript }
    const refusal = absentAddon(search, linux)
    expect(refusal.cause).toBe('addon_broken')
    expect(refusal.reason).toContain(message.trim())
    expect(refusal.reason).toContain(means)
    expect(refusal.fix).toContain(fix)
  })
})
