/** Names that other tools require. */
const prescribed =
  /^(Dockerfile|README|CHANGELOG|CONTRIBUTING|ARCHITECTURE|RELEASING|STYLE|LICENSE|SECURITY|CODE_OF_CONDUCT|pull_request_template)(\.md)?$/

const kebab = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/
const snake = /^[a-z0-9]+(_[a-z0-9]+)*\.(cc|h)$/
/** Names of modules are identifiers (PEP 8). */
const module = /^(__init__|[a-z][a-z0-9]*(_[a-z0-9]+)*)\.py$/

/** The rule a path breaks, or undefined. Folders and files are kebab-case, C++ and Python are snake_case. */
export function fileNameProblem(file: string): string | undefined {
  const parts = file.split('/')
  const name = parts.pop() ?? ''
  const native = /\.(cc|h|cpp|hpp|c)$/.test(name)
  if (native && !snake.test(name)) return `${file}: C++ files are snake_case.cc or snake_case.h`
  const python = name.endsWith('.py')
  if (python && !module.test(name)) return `${file}: Python files are snake_case.py`
  if (!native && !python && !kebab.test(name) && !prescribed.test(name))
    return `${file}: file names are kebab-case`
  const folder = parts.find(
    (part) => part !== 'ISSUE_TEMPLATE' && !/^\.?[a-z0-9]+([-_][a-z0-9]+)*$/.test(part),
  )
  return folder === undefined ? undefined : `${file}: the folder ${folder} is not lower-case`
}
