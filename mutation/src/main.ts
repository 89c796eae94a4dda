import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { strykerOptions } from './options.ts'
import { isPartName, type PartName, parts } from './parts.ts'
import { survivorsOf } from './survivors.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

function fail(text: string): void {
  process.stderr.write(`${text}\n`)
  process.exitCode = 2
}

/** Stryker is imported here, and not above, because the project may lack it. */
async function mutate(part: PartName, survivors?: readonly string[]): Promise<void> {
  const { Stryker } = await import('@stryker-mutator/core')
  await new Stryker(strykerOptions(part, survivors)).runMutationTest()
}

async function run(args: readonly string[]): Promise<void> {
  const again = args.includes('--survivors')
  const names = args.filter((arg) => arg !== '--survivors')
  const wanted = names.length === 0 ? Object.keys(parts) : names
  const chosen = wanted.filter(isPartName)
  if (chosen.length < wanted.length) {
    fail(
      `Usage: npm run mutation -- [--survivors] [${Object.keys(parts).join(' | ')}]…; without a part it takes all of them.`,
    )
  } else if (!existsSync(new URL('../node_modules/@stryker-mutator/core', import.meta.url))) {
    fail(
      'Mutation testing is not installed. It is a project of its own: run npm ci --ignore-scripts --prefix mutation first.',
    )
  } else {
    process.chdir(root)
    for (const part of chosen) await mutate(part, again ? survivorsOf(part) : undefined)
  }
}

await run(process.argv.slice(2))
