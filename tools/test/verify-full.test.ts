import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repositoryRoot } from '../src/repository.ts'
import { stages } from '../src/verify/stages.ts'
import { chosenStages } from '../src/verify-full.ts'

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>
}

const scriptsOf = (folder: string) =>
  (JSON.parse(readFileSync(join(repositoryRoot, folder, 'package.json'), 'utf8')) as Manifest).scripts

describe('verify:full', () => {
  it('names each stage once, with a command and its equivalent in CI', () => {
    expect(new Set(stages.map(({ name }) => name)).size).toBe(stages.length)
    for (const { name, command, inCi } of stages) {
      expect(command, name).not.toBe('')
      expect(inCi, name).not.toBe('')
    }
  })

  it('runs scripts that exist', () => {
    for (const { command } of stages) {
      const [, script = '', folder] = /^npm run (?:-s )?([\w:-]+)(?: --workspace=(\S+))?/.exec(command) ?? []
      expect(Object.keys(scriptsOf(folder ?? '.')), command).toContain(script)
    }
  })

  it('chooses stages by a part of their name, and all stages without one', () => {
    expect(chosenStages([])).toEqual(stages)
    expect(chosenStages(['worker threads']).map(({ name }) => name)).toEqual([
      'a thousand worker threads terminated under load',
    ])
    expect(chosenStages(['no stage is called so'])).toEqual([])
  })
})
