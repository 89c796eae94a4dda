import { expect, it } from 'vitest'
import { readRepositoryFile } from '../../src/repository.ts'

it('.editorconfig has the widths of biome.json', () => {
  const { formatter } = JSON.parse(readRepositoryFile('biome.json')) as {
    formatter: { indentStyle: string; lineWidth: number }
  }
  const text = readRepositoryFile('.editorconfig')
  expect(text).toContain(`indent_style = ${formatter.indentStyle}\n`)
  expect(text).toContain(`max_line_length = ${formatter.lineWidth}\n`)
})

it('.nvmrc names the oldest major version of Node.js that the packages support', () => {
  const { engines } = JSON.parse(readRepositoryFile('package.json')) as { engines: { node: string } }
  expect(engines.node).toMatch(new RegExp(`^>=${readRepositoryFile('.nvmrc').trim()}\\.`))
})
