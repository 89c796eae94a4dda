import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Programs, type Terminal } from '../support/program.ts'
import { Scripts, startServer } from '../support/scripts.ts'

const programs = new Programs()
const scripts = new Scripts()
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frameport-files-'))
  await mkdir(join(folder, 'in'))
})

afterEach(async () => {
  await programs.endAll()
  await scripts.remove()
  await rm(folder, { recursive: true })
})

/** A terminal that a person started in the folder of this test. */
async function join80(
  name: string,
  port: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Terminal> {
  const args = ['--name', name, '--port', port, '--save-to', 'in']
  const terminal = programs.chatOnTerminal(80, args, { INIT_CWD: folder, ...env })
  await terminal.endsWith(`${name} ›`)
  return terminal
}

const bar = (screen: { visibleRows: readonly string[] }, arrow: string) =>
  screen.visibleRows.find((row) => row.startsWith(arrow)) ?? ''

/** The output with a visible character instead of the one that begins an escape sequence. */
const stripped = (output: string) => output.replaceAll('\u001b[', '\u241b[')

describe('A file between two terminals', () => {
  test('is sent with a progress bar on each, above half-typed lines that stay, and a stopped taker makes the sender wait', {
    timeout: 180_000,
  }, async () => {
    const content = randomBytes(8_000_000)
    await writeFile(join(folder, 'holiday pictures.tar.gz'), content)
    const { port } = await startServer(programs)
    const anna = await join80('anna', port, { NO_COLOR: '1' })
    const bob = await join80('bob', port)
    const carol = programs.chat('--name', 'carol', '--port', port)
    await carol.says('In lobby (3)')

    anna.type('/send hol\t\r')
    await anna.shows('* You offer holiday pictures.tar.gz (8.0 MB). /cancel 1 takes it')
    await bob.shows('* anna offers holiday pictures.tar.gz (8.0 MB): /take 1 or /decl')
    bob.type('/take\r')
    await anna.until('the row of a file that waits', (screen) =>
      bar(screen, '↑').includes('goes to bob within 10 s'),
    )
    bob.type('half of bob')
    await bob.until('the row of a file that is awaited', (screen) => bar(screen, '↓') !== '')
    await bob.endsWith('bob › half of bob')
    await bob.stop()
    carol.write('/decline\n')
    await anna.shows('* holiday pictures.tar.gz is being sent to bob.')
    anna.type('half of anna')
    await anna.until('a bar', (screen) => /░+ +\d+ % · .* of 8\.0 MB/.test(bar(screen, '↑')))
    await anna.until('for whom it waits', (screen) => bar(screen, '↑').includes('waits for bob'))
    const percent = Number(/(\d+) %/.exec(bar(anna.screen, '↑'))?.[1])
    expect(percent).toBeLessThan(20)
    await anna.endsWith('anna › half of anna')
    await bob.goOn()
    await anna.shows('* bob has holiday pictures.tar.gz: the checksum is right.')
    await bob.shows('* Saved in/holiday pictures.tar.gz (8.0 MB). The checksum is righ')
    await bob.until('no bar', (screen) => bar(screen, '↓') === '')
    await bob.endsWith('bob › half of bob')
    await anna.endsWith('anna › half of anna')
    // `toEqual` needs half a minute for so many bytes.
    expect(content.equals(await readFile(join(folder, 'in/holiday pictures.tar.gz')))).toBe(true)
    expect(await readdir(join(folder, 'in'))).toEqual(['holiday pictures.tar.gz'])
    // Colours are SGR sequences. Sequences that move the cursor end with other letters.
    expect(anna.program.output).toContain('░')
    expect(stripped(anna.program.output)).not.toMatch(/\u241b\[[\d;]*m/)
    anna.type('\u0015\u0003')
    expect((await anna.program.end()).exitCode).toBe(0)
  })

  test('is cancelled by Ctrl-C, and nothing of it is kept', { timeout: 120_000 }, async () => {
    await writeFile(join(folder, 'x.bin'), randomBytes(8_000_000))
    const { port } = await startServer(programs)
    const anna = await join80('anna', port)
    const bob = await join80('bob', port)
    anna.type('/send x.bin\r')
    await bob.shows('anna offers x.bin')
    await anna.stop()
    bob.type('/take 1\r')
    await bob.shows('* You take x.bin (8.0 MB) from anna.')
    await bob.until('a bar', (screen) => bar(screen, '↓ x.bin') !== '')
    expect(await readdir(join(folder, 'in'))).toEqual(['x.bin.part'])
    bob.type('\u0003')
    expect((await bob.program.end()).exitCode).toBe(0)
    expect(await readdir(join(folder, 'in'))).toEqual([])
    await anna.goOn()
    await anna.shows('* bob has stopped taking x.bin.')
    await anna.shows('! Nobody takes x.bin any more.')
  })
})

describe('A file between two scripts', () => {
  test('makes both scripts wait, and is reported in plain rows', { timeout: 120_000 }, async () => {
    const content = randomBytes(200_000)
    await writeFile(join(folder, 'notes.pdf'), content)
    const { port } = await startServer(programs)
    const run = async (name: string, lines: string[]) =>
      programs.chat(
        '--name',
        name,
        '--port',
        port,
        '--save-to',
        folder,
        '--script',
        await scripts.write(lines),
      )
    const anna = await run('anna', [`/send ${join(folder, 'notes.pdf')}`, '/expect bob: thanks'])
    // A script waits 10 s for what it expects, and a program may need as long to start.
    await anna.says('* You offer notes.pdf')
    const bob = await run('bob', ['/expect anna offers notes.pdf', '/take 1 from-anna.pdf', 'thanks'])
    expect((await anna.end()).exitCode).toBe(0)
    expect((await bob.end()).exitCode).toBe(0)
    // On a slow machine, progress is reported from time to time.
    const [annas, bobs] = [anna, bob].map(({ rows }) => rows.filter((row) => !/: \d+ % of /.test(row)))
    // The report that bob has the file and bob's next line arrive in any order.
    expect(annas?.filter((row) => !row.endsWith('bob: thanks')).slice(2, 7)).toEqual([
      '* You offer notes.pdf (200 kB). /cancel 1 takes it back.',
      '* bob joined lobby',
      '* bob takes notes.pdf.',
      '* notes.pdf is being sent to bob.',
      '* bob has notes.pdf: the checksum is right.',
    ])
    expect(bobs?.[3]).toBe('* You take notes.pdf (200 kB) from anna. /cancel 1 stops it.')
    expect(bobs?.[4]).toMatch(/^\* Saved .*from-anna\.pdf \(200 kB\)\. The checksum is right: [\da-f]{16}…$/)
    expect(await readFile(join(folder, 'from-anna.pdf'))).toEqual(content)
    expect(anna.output + bob.output).not.toContain('\u001b')
  })

  test('and commands that fail count as refused lines', { timeout: 120_000 }, async () => {
    const { port } = await startServer(programs)
    const path = await scripts.write(['/send no-such-file', '/take', '/cancel', '/decline 7', 'still here'])
    const bot = programs.chat('--name', 'bot', '--port', port, '--script', path)
    expect((await bot.end()).exitCode).toBe(1)
    expect(bot.rows.slice(2, 7)).toEqual([
      expect.stringMatching(
        /^! There is no file .*no-such-file\. Relative paths start at the folder where the chat was started\.$/,
      ),
      '! No file is offered here.',
      '! You are not sending or taking a file.',
      '! There is no file 7 that you can take. /files lists the files.',
      'bot: still here',
    ])
    expect(bot.errors).toContain('Lines 1, 2, 3, 4 could not be executed')
  })
})
