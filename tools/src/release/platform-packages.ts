import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../repository.ts'
import { placeFields } from './published-manifest.ts'
import type { Manifest } from './published-packages.ts'

/** A system for which an addon is published. */
export interface Platform {
  /** The value of `--target`, and the end of the package's name. */
  readonly target: string
  readonly packageName: string
  /** The fields that npm compares with the machine. `libc` is set if a system has several. */
  readonly machine: { readonly os: string; readonly cpu: string; readonly libc?: string }
  /** For the README of the package. */
  readonly label: string
  readonly needs: string
}

/** The systems that the core looks for: prebuilt-package.ts has the same names, which a test compares. */
export const platforms: readonly Platform[] = [
  {
    target: 'linux-x64-gnu',
    packageName: '@frameport/iocp-core-linux-x64-gnu',
    machine: { os: 'linux', cpu: 'x64', libc: 'glibc' },
    label: 'Linux on x64',
    needs: 'glibc 2.17 or later',
  },
  {
    target: 'linux-arm64-gnu',
    packageName: '@frameport/iocp-core-linux-arm64-gnu',
    machine: { os: 'linux', cpu: 'arm64', libc: 'glibc' },
    label: 'Linux on arm64',
    needs: 'glibc 2.17 or later',
  },
  {
    target: 'win32-x64',
    packageName: '@frameport/iocp-core-win32-x64',
    machine: { os: 'win32', cpu: 'x64' },
    label: 'Windows on x64',
    needs: 'Windows 10 or Windows Server 2016, or later',
  },
]

/** Builds the addon of a system with the compilers of this machine. Returns its file. */
export function buildAddonFor({ target, machine }: Platform): string {
  const core = join(repositoryRoot, 'packages/iocp-core')
  const [script, args, file] =
    machine.os === 'win32'
      ? ['build-windows.mjs', [], 'build/win32-x64/frameport.node']
      : ['build-addon.mjs', ['--target', target], `build/prebuilt/${target}/frameport.node`]
  execFileSync(process.execPath, [join(core, 'scripts', script), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return join(core, file)
}

/** Writes the package of a system with this addon into `folder`, in the version of the core. */
export function writePlatformPackage(
  platform: Platform,
  addon: string,
  core: Manifest,
  folder: string,
): void {
  mkdirSync(folder, { recursive: true })
  copyFileSync(addon, join(folder, 'frameport.node'))
  copyFileSync(join(repositoryRoot, 'packages/iocp-core/LICENSE'), join(folder, 'LICENSE'))
  writeFileSync(join(folder, 'README.md'), readmeOf(platform))
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifestOf(platform, core), undefined, 2)}\n`)
}

function manifestOf({ packageName, machine, label }: Platform, core: Manifest): Manifest {
  return {
    name: packageName,
    version: core.version,
    description: `The native addon of ${core.name} for ${label}`,
    license: 'MIT',
    type: 'commonjs',
    main: 'frameport.node',
    files: ['frameport.node'],
    os: [machine.os],
    cpu: [machine.cpu],
    ...(machine.libc === undefined ? {} : { libc: [machine.libc] }),
    engines: core.engines,
    // Plug'n'Play of yarn keeps packages in archives, from which no system loads an addon.
    preferUnplugged: true,
    publishConfig: { access: 'public' },
    ...placeFields('packages/iocp-core', core),
  }
}

function readmeOf({ packageName, label, needs }: Platform): string {
  return `# ${packageName}

The native addon of [@frameport/iocp-core](https://www.npmjs.com/package/@frameport/iocp-core) for ${label}. It needs ${needs}.

npm installs this package with \`@frameport/iocp-core\` where it fits. Both have the same version. Do not install it by itself.
`
}
