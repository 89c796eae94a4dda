import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readRepositoryFile, repositoryRoot } from '../repository.ts'
import { sectionsOf } from './sections.ts'
import { commandsOf, stepsOf, type Workflow } from './workflows.ts'

/** A commit hash, unlike a tag, cannot be moved to other code. The comment tells readers and dependabot its version. */
const pinned = /^\s*(?:- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/

/** Checks that actionlint cannot do: the scripts, files and sections of this repository, and its rules. Empty if all is well. */
export function workflowProblems(workflow: Workflow): readonly string[] {
  const problems = [
    ...commandsOf(workflow).flatMap(commandProblems),
    ...pinProblems(workflow),
    ...permissionProblems(workflow),
  ]
  if (!workflow.text.startsWith('# Not run yet')) problems.push('it does not say that it has not been run')
  return problems.map((problem) => `${workflow.file}: ${problem}`)
}

/** Names of scripts, files and sections that a line uses but that do not exist. */
function commandProblems(command: string): readonly string[] {
  const scripts = [...command.matchAll(/\bnpm (?:run (?:-s )?)?([\w:-]+)/g)]
    .map(([whole, name = '']) => ({ name, isRun: whole.startsWith('npm run') || name === 'test' }))
    .filter(({ name, isRun }) => isRun && !hasScript(name))
    .map(({ name }) => `${command}: package.json has no script ${name}`)
  const files = [...command.matchAll(/\b(?:node|bash) ((?:\.ci|packages|tools)\/\S+)/g)]
    .filter(([, file = '']) => !existsSync(join(repositoryRoot, file)))
    .map(([, file]) => `${command}: there is no file ${file}`)
  const projects = [...command.matchAll(/--prefix (\S+)/g)]
    .filter(([, project = '']) => !existsSync(join(repositoryRoot, project, 'package-lock.json')))
    .map(([, project]) => `${command}: ${project} is no project with a lock`)
  const sections = [...command.matchAll(/\.ci\/run --until '([^']+)'/g)]
    .filter(([, name = '']) => !sectionsOf(readRepositoryFile('.ci/run')).includes(name))
    .map(([, name]) => `${command}: .ci/run has no section ${name}`)
  return [...scripts, ...files, ...projects, ...sections]
}

function hasScript(name: string): boolean {
  const { scripts } = JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> }
  return name in scripts
}

function pinProblems(workflow: Workflow): readonly string[] {
  const lines = workflow.text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line))
  const used = stepsOf(workflow).filter(({ uses }) => uses !== undefined)
  const problems = lines
    .filter((line) => !pinned.test(line))
    .map((line) => `${line.trim()} is not the hash of a commit with its version behind it`)
  return lines.length === used.length
    ? problems
    : [...problems, 'an action is used in a form that is not read']
}

/** No permissions by default, and each job declares what it needs. */
function permissionProblems({ text, jobs }: Workflow): readonly string[] {
  const problems = Object.entries(jobs)
    .filter(([, { permissions }]) => permissions === undefined || typeof permissions === 'string')
    .map(([name]) => `the job ${name} does not list its permissions`)
  return /^permissions: \{\}$/m.test(text) ? problems : [...problems, 'jobs get permissions by default']
}
