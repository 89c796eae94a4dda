import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { repositoryAddress } from '../../src/release/address.ts'
import { repositoryRoot } from '../../src/repository.ts'

const { getReleaseLine } = createRequire(import.meta.url)(
  join(repositoryRoot, '.changeset/changelog.cjs'),
) as {
  getReleaseLine(changeset: { summary: string; commit?: string }): Promise<string>
}
const commit = '0123456789abcdef0123456789abcdef01234567'

it('a line of a changelog ends with a link to its commit, at the address of the repository', async () => {
  expect(await getReleaseLine({ summary: 'Streams end.\n\nAlways.\n', commit })).toBe(
    `- Streams end.\n\n  Always. ([0123456](${repositoryAddress()}/commit/${commit}))`,
  )
})

it('a link to a file leads to its state at the commit, wherever the changelog is read', async () => {
  const summary =
    'See [errors](../docs/errors.md#list), `items[Symbol.iterator]()` and [npm](https://npmjs.com).'
  expect(await getReleaseLine({ summary, commit })).toContain(
    `See [errors](${repositoryAddress()}/blob/${commit}/docs/errors.md#list), \`items[Symbol.iterator]()\` and [npm](https://npmjs.com).`,
  )
  // Packages are two folders below the root.
  expect(await getReleaseLine({ summary })).toContain('[errors](../../docs/errors.md#list)')
})
