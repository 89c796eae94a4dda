import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { repositoryFiles, repositoryRoot } from '../src/repository.ts'
import { expectedOutput } from '../src/rules/examples.ts'
import { tidy } from '../src/tidy.ts'

const folders: string[] = []

function treeOf(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'frameport-tidy-'))
  folders.push(root)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return tidy(root, Object.keys(files))
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

describe('tidy', () => {
  it('finds no problem in this repository', { timeout: 300_000 }, () => {
    expect(tidy(repositoryRoot, repositoryFiles()).problems).toEqual([])
  })

  it('accepts correct names, links, anchors and paths', () => {
    const files = {
      'README.md': '[guide](docs/a-guide.md#two-words) `docs/a-guide.md` [web](https://example.org/x)',
      'docs/a-guide.md': '# Two words\n[back](../README.md)',
      'native/send_queue.cc': 'int x;\n',
    }
    expect(treeOf(files)).toEqual({ problems: [], notes: [] })
  })

  it.each([
    ['a TypeScript file that is not kebab-case', { 'src/sendQueue.ts': '' }, 'file names are kebab-case'],
    ['a Python file that is not snake_case', { 'peers/send-queue.py': '' }, 'Python files are snake_case.py'],
    ['a C++ file that is not snake_case', { 'native/send-queue.cc': '' }, 'C++ files are snake_case'],
    ['a folder with capitals', { 'Docs/a.md': '' }, 'the folder Docs'],
    ['a link to a missing file', { 'a.md': '[x](b.md)' }, 'the link b.md leads to no file'],
    ['a link to a missing heading', { 'a.md': '# One\n[x](#two)' }, 'a.md has no heading #two'],
    [
      'a reference link to a missing file',
      { 'a.md': '[x][y]\n\n[y]: gone.md' },
      'the link gone.md leads to no file',
    ],
    ['a path that does not exist', { 'a.md': 'see `docs/gone.md`' }, 'the path docs/gone.md does not exist'],
    ['an example that does not exist', { 'a.md': '<!-- example: x.ts -->\n```ts\n1\n```' }, 'shows x.ts'],
    [
      'an example that differs',
      { 'a.md': '<!-- example: x.ts -->\n\n```ts\n1\n```', 'x.ts': '2\n' },
      'the code shown differs from x.ts',
    ],
    ['code that nobody executes', { 'a.md': '```ts\n1\n```' }, 'this code is not executed'],
    ['unfinished work', { 'src/a.ts': '// TODO later\n' }, 'unfinished work without an issue'],
  ])('reports %s', (_name, files, problem) => {
    const { problems } = treeOf(files as unknown as Record<string, string>)
    expect(problems.join('\n')).toContain(problem)
  })

  it('lists files over 300 lines without failing, and not those with 300 lines', () => {
    const report = treeOf({ 'src/long.ts': 'x\n'.repeat(301), 'src/full.ts': 'x\n'.repeat(300) })
    expect(report).toEqual({ problems: [], notes: ['src/long.ts: 301 lines'] })
  })
})

describe('the expected output of an example', () => {
  it('is the text after its marks, in order', () => {
    expect(expectedOutput('log(1) //> one\nlog()\n//>\n  //> two  words')).toEqual(['one', '', 'two  words'])
  })
})
