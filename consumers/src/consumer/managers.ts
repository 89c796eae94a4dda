import { fileURLToPath } from 'node:url'
import { npmCli } from './place.ts'

const node = process.execPath
const tool = (path: string) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url))
const bun = tool('@oven/bun-linux-x64/bin/bun')
const deno = tool('@deno/linux-x64-glibc/deno')
const yarn4 = tool('@yarnpkg/cli-dist/bin/yarn.js')

type Command = readonly [program: string, ...args: string[]]

/** How a package manager installs, and how to run the program afterwards. */
export interface Manager {
  readonly name: string
  /** The name in the results. */
  label(version: string): string
  /** Prints the version. */
  readonly version: Command
  readonly install: Command
  /** By the name of the runtime. */
  readonly runs: Readonly<Record<string, Command>>
  /** Makes it use this registry, run no scripts and keep its files in the place. */
  environment(registry: string, place: (name: string) => string): NodeJS.ProcessEnv
  /** Files that it needs in the project. */
  readonly files?: Readonly<Record<string, string>>
}

const byNode: Command = [node, 'program.mjs']
const npm = npmCli()
const likeNpm: Manager['environment'] = (registry, beside) => ({
  npm_config_registry: registry,
  npm_config_ignore_scripts: 'true',
  npm_config_cache: beside('cache'),
  npm_config_store_dir: beside('store'),
  npm_config_audit: 'false',
  npm_config_fund: 'false',
})

export const managers: readonly Manager[] = [
  {
    name: 'npm',
    label: (version) => `npm ${version}`,
    version: [node, npm, '--version'],
    install: [node, npm, 'install'],
    runs: { node: byNode },
    environment: likeNpm,
  },
  {
    name: 'pnpm',
    label: (version) => `pnpm ${version}`,
    version: [node, tool('pnpm/bin/pnpm.cjs'), '--version'],
    install: [node, tool('pnpm/bin/pnpm.cjs'), 'install'],
    runs: { node: byNode },
    environment: likeNpm,
  },
  {
    name: 'yarn 1',
    label: (version) => `yarn ${version}`,
    version: [node, tool('yarn/bin/yarn.js'), '--version'],
    install: [node, tool('yarn/bin/yarn.js'), 'install', '--ignore-scripts'],
    runs: { node: byNode },
    environment: (registry, beside) => ({
      YARN_REGISTRY: registry,
      YARN_CACHE_FOLDER: beside('cache'),
    }),
  },
  {
    name: "yarn 4 with Plug'n'Play",
    label: (version) => `yarn ${version} with Plug'n'Play`,
    version: [node, yarn4, '--version'],
    install: [node, yarn4, 'install'],
    runs: { node: [node, yarn4, 'node', 'program.mjs'] },
    environment: (registry, beside) => ({
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
      YARN_ENABLE_SCRIPTS: 'false',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      YARN_ENABLE_TELEMETRY: 'false',
      // Otherwise versions of the last day are rejected.
      YARN_NPM_MINIMAL_AGE_GATE: '0',
      YARN_NODE_LINKER: 'pnp',
      YARN_GLOBAL_FOLDER: beside('global'),
    }),
    // A separate project, whatever is in the folders above it.
    files: { 'yarn.lock': '' },
  },
  {
    name: 'bun',
    label: (version) => `Bun ${version}`,
    version: [bun, '--version'],
    install: [bun, 'install', '--ignore-scripts'],
    runs: { bun: [bun, 'run', 'program.mjs'], node: byNode },
    environment: (registry, beside) => ({
      BUN_CONFIG_REGISTRY: registry,
      BUN_INSTALL_CACHE_DIR: beside('cache'),
    }),
  },
  {
    name: 'deno',
    label: (version) => `Deno ${version}`,
    version: [deno, 'eval', 'console.log(Deno.version.deno)'],
    // Otherwise versions of the last day are rejected.
    install: [deno, 'install', '--minimum-dependency-age=0'],
    runs: { deno: [deno, 'run', '--allow-all', 'program.mjs'] },
    environment: (registry, beside) => ({
      NPM_CONFIG_REGISTRY: registry,
      DENO_DIR: beside('cache'),
      DENO_NO_UPDATE_CHECK: '1',
    }),
  },
]
