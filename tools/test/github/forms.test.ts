import { describe, expect, it } from 'vitest'
import { allFormProblems, dependabotFolders, formProblems } from '../../src/github/check-forms.ts'
import { readRepositoryFile, repositoryFiles } from '../../src/repository.ts'

const form = `name: A fault
description: What does not work
body:
  - type: input
    id: what
    attributes:
      label: What?
`

describe('the check of forms', () => {
  it('finds nothing in the forms of this repository', () => {
    expect(allFormProblems()).toEqual([])
  })

  it('finds nothing in a valid form', () => {
    expect(formProblems('x.yml', form)).toEqual([])
  })

  it.each([
    ['description: What does not work\n', '', 'description'],
    ['type: input', 'type: inputs', 'body.0.type'],
    ['      label: What?', '      title: What?', 'body.0.attributes.label'],
    ['    id: what\n', '', 'body.0.id'],
    ['name: A fault', 'name: A fault\ntitel: x', 'titel'],
    [
      'body:\n  - type: input\n    id: what\n    attributes:\n      label: What?',
      'body:\n  - type: markdown\n    attributes:\n      value: Hello',
      'asks for nothing',
    ],
    [
      'body:\n',
      'body:\n  - { type: input, id: what, attributes: { label: Who? } }\n',
      'two elements have one id',
    ],
  ])('finds the error if %j becomes %j', (from, to, problem) => {
    expect(form).toContain(from)
    expect(formProblems('x.yml', form.replace(from, to)).join('\n')).toContain(problem)
  })
})

describe('the form for bugs', () => {
  it('asks for the output of the doctor, with the command that prints it', () => {
    const text = readRepositoryFile('.github/ISSUE_TEMPLATE/bug.yml')
    expect(text).toContain('`npx @frameport/iocp-core doctor`')
  })
})

describe('dependabot.yml', () => {
  it('lists every project that has a lock file, and no other', () => {
    const locked = repositoryFiles()
      .filter((file) => /(?:^|\/)package-lock\.json$/.test(file))
      .map((file) => file.replace(/\/?package-lock\.json$/, ''))
    expect([...dependabotFolders(readRepositoryFile('.github/dependabot.yml'))].sort()).toEqual(locked.sort())
  })
})
