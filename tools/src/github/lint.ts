import { actionlintProblems } from './actionlint.ts'
import { allFormProblems } from './check-forms.ts'
import { workflowProblems } from './check-workflows.ts'
import { workflows } from './workflows.ts'

/* npm run lint:workflows: checks what a host of the repository would run or show, because nothing here can run it. */
const found = workflows()
const problems = [
  ...(await actionlintProblems(found)),
  ...found.flatMap(workflowProblems),
  ...allFormProblems(),
]
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.stdout.write(`${found.length} workflows and the forms of .github: ${problems.length} problems\n`)
// The WebAssembly program waits for further work, and would keep the process alive.
process.exit(problems.length === 0 ? 0 : 1)
