import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { serverLimits } from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

it.each(Object.keys(serverLimits))('the limit %s stands in the table of README.md', (name) => {
  const rows = readme
    .split('\n')
    .filter((line) => line.startsWith('|') && line.split('|')[1]?.includes(`\`${name}\``))
  expect(rows).toHaveLength(1)
})
