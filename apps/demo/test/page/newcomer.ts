import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromiumPath, People, say, sees, withoutBrowser } from '../support/browser.ts'

/**
 * `npm run test:newcomer`: from a clone to a page and a terminal that talk, in less than three minutes, with only the
 * commands of README's "Try it: a chat". It uses the committed state.
 */

const mostMs = 180_000
if (chromiumPath === undefined) throw new Error(withoutBrowser)
const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'frameport-newcomer-'))
const clone = join(folder, 'frameport')
const groups: number[] = []
const began = performance.now()
const tell = (what: string) =>
  process.stdout.write(`${String(Math.round((performance.now() - began) / 1000)).padStart(4)} s  ${what}\n`)

/** A command of the README in a shell. */
function typed(command: string) {
  tell(`$ ${command}`)
  const shell = spawn('bash', ['-c', command], {
    cwd: clone,
    // A newcomer has no history of an earlier server, in which a guest may still have a name.
    env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  groups.push(shell.pid as number)
  let output = ''
  let isOver = false
  const told = new Set<() => void>()
  const heard = (chunk: Buffer | string) => {
    output += chunk
    for (const look of told) look()
  }
  shell.stdout.on('data', heard)
  shell.stderr.on('data', heard)
  shell.on('close', (code) => {
    isOver = true
    heard(`\n(it has ended with ${code})`)
  })
  return {
    type: (text: string) => shell.stdin.write(`${text}\n`),
    /** Waits for the pattern in the whole output, and returns the match. */
    says: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const done = (settle: () => void) => {
          clearTimeout(timer)
          told.delete(look)
          settle()
        }
        const fail = (why: string) =>
          done(() => reject(new Error(`${command} did not print ${pattern}: ${why}\n${output}`)))
        const timer = setTimeout(() => fail('three minutes are over'), began + mostMs - performance.now())
        const look = () => {
          const found = pattern.exec(output)
          if (found !== null) done(() => resolve(found[1] ?? found[0]))
          else if (isOver) fail('it has ended')
        }
        told.add(look)
        look()
      }),
  }
}

let people: People | undefined
try {
  tell('$ git clone')
  execFileSync('git', ['clone', '--quiet', `file://${root}`, clone])
  const section =
    /^## Try it: a chat\n\n```sh\n([^`]*)```/m.exec(await readFile(join(clone, 'README.md'), 'utf8'))?.[1] ??
    ''
  const [start, chat, ...more] = section
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, ''))
  if (start === undefined || chat === undefined || more.length > 0)
    throw new Error(
      'README has two commands in its section "Try it: a chat", or this has to learn the new ones',
    )
  const server = typed(start)
  const url = await server.says(/^Or in a browser: (\S+)$/m)
  if (!existsSync(join(clone, 'node_modules'))) throw new Error('nothing was installed')
  tell(`the page is at ${url}`)
  const guest = typed(chat)
  await guest.says(/In lobby \(1\)/)
  tell('guest is in the room')
  people = await People.arrive()
  const page = await people.enter(url, 'anna')
  await say(page, 'hello from a page')
  await guest.says(/hello from a page/)
  guest.type('hello from a terminal')
  await sees(page, 'hello from a terminal')
  if (people.complaints.length > 0) throw new Error(`the page complains: ${people.complaints.join('; ')}`)
  const tookMs = performance.now() - began
  tell(`a page and a terminal talk; it may take ${mostMs / 1000} s`)
  if (tookMs > mostMs) throw new Error('that is too long')
} finally {
  await people?.leave()
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL')
    } catch {
      // It has already ended.
    }
  }
  await rm(folder, { recursive: true })
}
