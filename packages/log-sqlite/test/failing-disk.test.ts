import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'libsql'
import { afterEach, describe, expect, it } from 'vitest'
import { all, cleaningUp, failureOf, line, newFolder, newPath, open, texts } from './log-support.ts'

cleaningUp()

const isRoot = process.getuid?.() === 0
const mounted: string[] = []

afterEach(() => {
  for (const folder of mounted.splice(0)) execFileSync('umount', ['--lazy', folder])
})

/** A disk of this size in KiB. Undefined if it cannot be made: without root, and in some containers. */
function smallDisk(kilobytes: number): string | undefined {
  if (process.platform !== 'linux' || !isRoot) return undefined
  const folder = newFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'none', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  mounted.push(folder)
  return folder
}

const program = fileURLToPath(new URL('children/append-until-it-fails.ts', import.meta.url))

/** Appends in another process, in a shell with limits or as another user. @returns the output */
function appendElsewhere(before: readonly string[], path: string): string {
  const node = [process.execPath, '--conditions=@frameport/source', '--import', 'tsx', program, path]
  const [command = '', ...rest] = [...before, ...node]
  return execFileSync(command, rest, { encoding: 'utf8' }).trim()
}

describe('a full disk', () => {
  it('makes appends fail, keeps confirmed events, and accepts events again when there is room', async ({
    skip,
  }) => {
    const disk = smallDisk(700)
    if (disk === undefined) return skip('it takes root, and a kernel that lets it mount a tmpfs')
    const path = join(disk, 'history.db')
    const log = await open(path)
    const kept: string[] = []
    let failure: Awaited<ReturnType<typeof failureOf>> | undefined
    for (let count = 0; failure === undefined; count++) {
      const text = `${count} ${'x'.repeat(3000)}`
      await log.append(line(text)).then(
        () => void kept.push(text),
        (error) => {
          failure = error
        },
      )
    }
    expect(failure.code).toBe('DISK_FULL')
    expect(failure.cause).toMatchObject({ code: 'SQLITE_FULL' })
    expect(texts(await all(log))).toEqual(kept)
    execFileSync('mount', ['-o', 'remount,size=4096k', disk])
    await log.append(line('again'))
    await log.close()
    expect(texts(await all(await open(path)))).toEqual([...kept, 'again'])
  })

  it('makes the opening of a new log fail', async ({ skip }) => {
    const disk = smallDisk(4)
    if (disk === undefined) return skip('it takes root, and a kernel that lets it mount a tmpfs')
    expect(['DISK_FULL', 'IO_FAILED', 'CANNOT_OPEN']).toContain(
      (await failureOf(open(join(disk, 'history.db')))).code,
    )
  })
})

describe('a system that refuses to write', () => {
  it.skipIf(process.platform === 'win32')(
    'makes the log fail until it is opened again, and loses no confirmed event',
    async () => {
      const path = newPath()
      const [confirmed, ...codes] = appendElsewhere(
        ['sh', '-c', 'ulimit -f 1000; exec "$@"', 'sh'],
        path,
      ).split(' ')
      expect(Number(confirmed)).toBeGreaterThan(0)
      expect(codes).toEqual(['IO_FAILED', 'IO_FAILED'])
      expect(
        (await all(await open(path), { event: 'disk@1/line', topic: '' })).length,
      ).toBeGreaterThanOrEqual(Number(confirmed))
    },
  )
})

describe('a user without permission', () => {
  const asNobody = ['setpriv', '--reuid', '65534', '--clear-groups']

  it.skipIf(process.platform !== 'linux' || !isRoot)(
    'gets an error that names the file or the folder',
    async () => {
      const folder = newFolder()
      chmodSync(folder, 0o755)
      const path = join(folder, 'history.db')
      await (await open(path)).close()
      expect(appendElsewhere(asNobody, path)).toBe('CANNOT_OPEN')
      const writable = join(folder, 'writable')
      mkdirSync(writable)
      chmodSync(writable, 0o777)
      const unreadable = join(writable, 'history.db')
      const log = await open(unreadable)
      await log.append(line('a'))
      await log.close()
      chmodSync(unreadable, 0o600)
      chmodSync(`${unreadable}-lock`, 0o666)
      expect(appendElsewhere(asNobody, unreadable)).toBe('CANNOT_OPEN')
      expect(texts(await all(await open(unreadable)))).toEqual(['a'])
    },
  )
})

describe('the file of another program or version', () => {
  it('is refused and not changed if its format is newer', async () => {
    const path = newPath()
    await (await open(path)).close()
    const database = new Database(path)
    database.exec('PRAGMA user_version = 2')
    database.close()
    const { mtimeMs } = statSync(path)
    const failure = await failureOf(open(path))
    expect(failure.code).toBe('NEWER_FORMAT')
    expect(failure.message).toContain('format 2')
    expect(statSync(path).mtimeMs).toBe(mtimeMs)
  })

  it('is refused and not changed if it is another database', async () => {
    const path = newPath()
    const database = new Database(path)
    database.exec("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')")
    database.close()
    expect((await failureOf(open(path))).code).toBe('NOT_A_LOG')
    const again = new Database(path)
    expect(again.prepare('PRAGMA journal_mode').all()).toEqual([{ journal_mode: 'delete' }])
    again.close()
  })
})
