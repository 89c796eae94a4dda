import { parse } from 'yaml'
import { readRepositoryFile, repositoryFiles, repositoryRoot } from '../repository.ts'

/** The parts of a workflow that are checked here; actionlint checks the rest. */
export interface Workflow {
  readonly file: string
  readonly text: string
  readonly jobs: Readonly<Record<string, Job>>
}

interface Job {
  readonly permissions?: unknown
  readonly steps: readonly Step[]
}

export interface Step {
  readonly uses?: string
  readonly run?: string
  readonly 'working-directory'?: string
}

const folder = '.github/workflows/'

export function workflows(root: string = repositoryRoot): readonly Workflow[] {
  return repositoryFiles(root)
    .filter((file) => file.startsWith(folder))
    .map((file) => readWorkflow(file, readRepositoryFile(file, root)))
}

export function readWorkflow(file: string, text: string): Workflow {
  return { file, text, ...(parse(text) as Pick<Workflow, 'jobs'>) }
}

export function stepsOf({ jobs }: Workflow): readonly Step[] {
  return Object.values(jobs).flatMap(({ steps }) => steps)
}

/** Every line that a shell runs, from all jobs. */
export function commandsOf(workflow: Workflow): readonly string[] {
  return stepsOf(workflow)
    .flatMap(({ run }) => run?.split('\n') ?? [])
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
