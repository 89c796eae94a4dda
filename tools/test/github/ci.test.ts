import { describe, expect, it } from 'vitest'
import { sectionsOf } from '../../src/github/sections.ts'
import { commandsOf, workflows } from '../../src/github/workflows.ts'
import { readRepositoryFile } from '../../src/repository.ts'

const script = readRepositoryFile('.ci/run')
const ci = workflows().find(({ file }) => file.endsWith('/ci.yml'))
if (ci === undefined) throw new Error('there is no ci.yml')
const commands = commandsOf(ci)

/** What brings a system to the point at which the scripts of this repository run. */
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

  it('has no test of its own: what is not a preparation stands in .ci/run', () => {
    const lines = script.split('\n')
    const others = commands.filter(
      (command) => !command.startsWith('bash .ci/run') && !preparation.some((form) => form.test(command)),
    )
    expect(others).toContain('npm test')
    expect(others.filter((command) => !lines.includes(command))).toEqual([])
  })

  it('installs for the addon of Windows what .ci/run does', () => {
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
