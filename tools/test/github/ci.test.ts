import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sectionsOf } from '../../src/github/sections.ts'
import { commandsOf, workflows } from '../../src/github/workflows.ts'
import { readRepositoryFile } from '../../src/repository.ts'

const script = readRepositoryFile('.ci/run')
const ci = workflows().find(({ file }) => file.endsWith('/ci.yml'))
if (ci === undefined) throw new Error('there is no ci.yml')
const commands = commandsOf(ci)

/** The commands that prepare a system for the scripts of this repository. */
const preparation = [
  /^git config /,
  /^npm install --global "\$\(node -p 'require\("\.\/package\.json"\)\.packageManager'\)"$/,
  /^apk add /,
  /^sudo apt-get update -qq && sudo apt-get install -y -qq --no-install-recommends [\w+. -]+$/,
  /^npm ci --ignore-scripts$/,
  /^node packages\/iocp-core\/scripts\/build-windows\.mjs$/,
  /^node packages\/iocp-core\/bin\/iocp-core\.mjs doctor --require \w+$/,
]

describe('ci.yml', () => {
  it('runs every section of .ci/run in one job, by running that script', () => {
    expect(commands.filter((command) => command === 'bash .ci/run')).toHaveLength(1)
  })

  it('has no test of its own: everything except preparation is in .ci/run', () => {
    const lines = script.split('\n')
    const others = commands.filter(
      (command) => !command.startsWith('bash .ci/run') && !preparation.some((form) => form.test(command)),
    )
    expect(others).toContain('npm test')
    expect(others.filter((command) => !lines.includes(command))).toEqual([])
  })

  it('installs the same for the addon of Windows as .ci/run', () => {
    const wanted = commands.flatMap((command) => /--no-install-recommends (.+)$/.exec(command)?.[1] ?? [])
    expect(wanted).toEqual(['g++-mingw-w64-x86-64-posix'])
    expect(script).toContain(`install_debian_packages ${wanted[0]} `)
  })
})

describe('.ci/run', () => {
  it('names each section once', () => {
    const sections = sectionsOf(script)
    expect(sections.length).toBeGreaterThan(15)
    expect(new Set(sections).size).toBe(sections.length)
    expect(script.split('\n').filter((line) => line.startsWith('section '))).toHaveLength(sections.length)
  })
})

describe('.ci/run --until', () => {
  const sections = sectionsOf(script)
  const place = mkdtempSync(join(tmpdir(), 'frameport-ci-'))

  // The script with empty sections.
  beforeAll(() => {
    const [head = '', ...bodies] = script.split(/^(?=section ')/m)
    const empty = bodies.map((body) => body.split('\n')[0])
    mkdirSync(join(place, '.ci'))
    writeFileSync(join(place, '.ci/run'), [head, ...empty, ''].join('\n'))
  })
  afterAll(() => rmSync(place, { recursive: true }))

  function run(...args: string[]) {
    const { status, stdout, stderr } = spawnSync('bash', ['.ci/run', ...args], {
      cwd: place,
      encoding: 'utf8',
    })
    const begun = [...stdout.matchAll(/^=== (.+)$/gm)].map(([, name]) => name)
    return { status, stderr, begun: begun.filter((name) => name !== 'time by section'), stdout }
  }

  it('runs every section by default', () => {
    expect(run()).toMatchObject({ status: 0, begun: sections })
  })

  it('ends after the named section, with the times of the sections before', () => {
    const { status, begun, stdout } = run('--until', 'npm test')
    expect(status).toBe(0)
    expect(begun).toEqual(sections.slice(0, sections.indexOf('npm test') + 1))
    expect(stdout.match(/ s {2}npm test$/gm)).toHaveLength(1)
  })

  it('accepts the last section, too', () => {
    expect(run('--until', sections.at(-1) ?? '')).toMatchObject({ status: 0, begun: sections })
  })

  it.each([[['--until', 'npm tests']], [['--until']], [['npm test']]])('refuses %j', (args) => {
    const { status, begun, stderr } = run(...args)
    expect({ status, begun }).toEqual({ status: 2, begun: [] })
    expect(stderr).toContain('usage: .ci/run')
  })
})
