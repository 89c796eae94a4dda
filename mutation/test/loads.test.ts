import { expect, it } from 'vitest'
import { isPartName, parts, partVariable } from '../src/parts.ts'

// Stryker counts tests that fail. A test file that cannot be loaded has none, and so its mutant would survive.
it('the sources of the part load', async () => {
  const name = process.env[partVariable]
  if (!isPartName(name)) throw new Error(`${partVariable} names no part`)
  const { href } = new URL(`../../${parts[name].entry}`, import.meta.url)
  expect(await import(/* @vite-ignore */ href)).toBeDefined()
}, 60_000)
