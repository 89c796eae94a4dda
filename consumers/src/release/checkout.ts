import { execFile, execFileSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The limit for a command that hangs: an installation and a build may be slow. */
const limitMs = 900_000

/** Makes the ids of commits independent of time and place. */
const somebody = {
  GIT_AUTHOR_NAME: 'Frameport',
  GIT_AUTHOR_EMAIL: 'release@frameport.invalid',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Frameport',
  GIT_COMMITTER_EMAIL: 'release@frameport.invalid',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'commit.gpgSign',
  GIT_CONFIG_VALUE_0: 'false',
  GIT_CONFIG_KEY_1: 'tag.gpgSign',
  GIT_CONFIG_VALUE_1: 'false',
}

/** Exists while candidates are released, until the version after the last one. */
export const preState = '.changeset/pre.json'

/** A manifest of a workspace. */
export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** A copy of the repository in another place, with its history, in which a release is made. */
export class Checkout {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** The content of `root`, committed or not, with all dependencies installed. */
  static async cloned(root: string, folder: string): Promise<Checkout> {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).trim()
    const checkout = new Checkout(folder)
    // Without its history, a clone would keep asking its origin for the commits of changesets.
    if (git('rev-parse', '--is-shallow-repository') === 'true') {
      mkdirSync(folder, { recursive: true })
      await checkout.git('init', '--quiet')
    } else {
      execFileSync('git', ['clone', '--quiet', '--no-checkout', root, folder], { stdio: 'inherit' })
      await checkout.git('checkout', '--quiet', '--detach', git('rev-parse', 'HEAD'))
    }
    await checkout.#takeFilesFrom(root, git)
    await checkout.commit('Take what is being worked on')
    await checkout.npm('ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund')
    return checkout
  }

  async #takeFilesFrom(root: string, git: (...args: string[]) => string): Promise<void> {
    const listed = git('ls-files', '--cached', '--others', '--exclude-standard', '-z').split('\0')
    const present = new Set(listed.filter((file) => file !== '' && existsSync(join(root, file))))
    for (const file of present) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true })
      copyFileSync(join(root, file), join(this.folder, file))
    }
    const gone = (await this.git('ls-files', '-z')).stdout
      .split('\0')
      .filter((file) => file !== '' && !present.has(file))
    if (gone.length > 0) await this.git('rm', '--quiet', '--', ...gone)
  }

  /** The same in another place, with all dependencies installed. */
  copiedTo(folder: string): Checkout {
    cpSync(this.folder, folder, { recursive: true, verbatimSymlinks: true })
    return new Checkout(folder)
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8')
  }

  has(file: string): boolean {
    return existsSync(join(this.folder, file))
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text)
  }

  list(folder: string): readonly string[] {
    return readdirSync(join(this.folder, folder))
  }

  /** Of every workspace, by its folder. */
  manifests(): ReadonlyMap<string, Manifest> {
    const folders = ['packages', 'apps', 'tests'].flatMap((parent) =>
      this.list(parent).map((name) => `${parent}/${name}`),
    )
    const workspaces = [...folders, 'tools'].filter((folder) => this.has(`${folder}/package.json`))
    return new Map(
      workspaces.map((folder) => [folder, JSON.parse(this.read(`${folder}/package.json`)) as Manifest]),
    )
  }

  /** From here on versions are whole ones, without candidates. */
  async leavePreMode(): Promise<void> {
    if (!this.has(preState)) return
    await this.npm('exec', '--', 'changeset', 'pre', 'exit')
    await this.commit('Leave pre mode')
  }

  git(...args: string[]): Promise<Ended> {
    return this.#succeed('git', args)
  }

  npm(...args: string[]): Promise<Ended> {
    return this.#succeed('npm', args)
  }

  /** Having nothing to commit is not a failure. */
  async commit(message: string): Promise<void> {
    await this.git('add', '--all')
    const { stdout } = await this.git('status', '--porcelain')
    if (stdout !== '') await this.git('commit', '--quiet', '-m', message)
  }

  async #succeed(command: string, args: readonly string[]): Promise<Ended> {
    const ended = await this.run(command, args)
    if (ended.code === 0) return ended
    throw new Error(
      `${command} ${args.join(' ')} ended with ${ended.code}:\n${ended.stdout}${ended.stderr}`.trim(),
    )
  }

  run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const options = {
      cwd: this.folder,
      env: { ...process.env, npm_config_loglevel: 'error', ...somebody, ...environment },
      timeout: limitMs,
      maxBuffer: 64 * 1024 * 1024,
    }
    return new Promise((resolve) => {
      execFile(command, args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ code, stdout, stderr })
      })
    })
  }
}
