import { join } from 'node:path'
import { readRepositoryFile, repositoryFiles, repositoryRoot } from './repository.ts'

/** The head of one ADR. */
export interface Decision {
  readonly number: number
  /** The file in docs/adr. */
  readonly file: string
  readonly title: string
  /** `accepted`, or `replaced by ADR 7`. */
  readonly status: string
  readonly date: string
  /** Numbers of the ADRs that it replaces, as a whole or in part. */
  readonly replaces: readonly number[]
  /** Numbers of the ADRs that replace it, as a whole or in part. */
  readonly replacedBy: readonly number[]
}

const folder = 'docs/adr/'
const sections = ['Context', 'Decision', 'Consequences']
const titleForm = /^# (\d+)\. (\S.*)$/
const statusForm =
  /^Status: (?:accepted|replaced by \[ADR \d+\]\(\d{4}-[a-z0-9-]+\.md\)), (\d{4}-\d\d-\d\d)\.(?: \S.*)?$/
const decisionLink = /\[ADR (\d+)\]\((\d{4}-[a-z0-9-]+\.md)\)/g

/** The files of the ADRs, without the index, in the order of their numbers. */
export function decisionFiles(): string[] {
  return repositoryFiles()
    .filter((file) => file.startsWith(folder) && file !== `${folder}README.md`)
    .map((file) => file.slice(folder.length))
    .sort()
}

export function readDecision(file: string): string {
  return readRepositoryFile(folder + file)
}

/** The errors in the form of an ADR. Empty if it can be parsed. */
export function formProblems(file: string, text: string): string[] {
  const [title = '', blank, status = '', behind] = text.split('\n')
  const number = titleForm.exec(title)?.[1]
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading)
  const problems: string[] = []
  if (!/^\d{4}-[a-z0-9-]+\.md$/.test(file)) problems.push('the file is not named NNNN-title.md')
  if (number === undefined) problems.push('line 1 is not "# N. Title"')
  else if (number.padStart(4, '0') !== file.slice(0, 4)) problems.push('title and file differ in the number')
  if (!statusForm.test(status)) problems.push('line 3 is not "Status: accepted, YYYY-MM-DD."')
  if (blank !== '' || behind !== '') problems.push('the status does not stand alone between empty lines')
  if (headings[0] !== sections[0]) problems.push('the first section is not "Context"')
  if (headings.filter((heading) => sections.includes(heading)).join() !== sections.join())
    problems.push(`the sections ${sections.join(', ')} are not there once each, in this order`)
  for (const [link, cited = '', target = ''] of status.matchAll(decisionLink)) {
    if (cited.padStart(4, '0') !== target.slice(0, 4)) problems.push(`${link} leads to another number`)
  }
  return problems
}

/** Parses the head of an ADR with a valid form. */
export function parseDecision(file: string, text: string): Decision {
  const [title = '', , status = ''] = text.split('\n')
  const [, number = '', name = ''] = titleForm.exec(title) ?? []
  const sentences = status.split(/(?<=\.) (?=[A-Z])/)
  const cited = (begin: RegExp) =>
    sentences
      .filter((sentence) => begin.test(sentence))
      .flatMap((sentence) => [...sentence.matchAll(decisionLink)].map(([, at]) => Number(at)))
  const whole = /^Status: replaced by \[ADR (\d+)\]/.exec(status)?.[1]
  return {
    number: Number(number),
    file,
    title: name,
    status: whole === undefined ? 'accepted' : `replaced by ADR ${whole}`,
    date: statusForm.exec(status)?.[1] ?? '',
    replaces: cited(/^Replaces /),
    replacedBy: cited(/^(?:Status: replaced|Replaced in part) by /),
  }
}

/** The complete docs/adr/README.md. */
export function decisionIndex(decisions: readonly Decision[]): string {
  const rows = [...decisions]
    .sort((a, b) => a.number - b.number)
    .map((decision) => {
      const { number, file, title, date } = decision
      return `| ${number} | [${title.replaceAll('|', '\\|')}](${file}) | ${statusCell(decision)} | ${date} |`
    })
  return [
    '# Decisions',
    '',
    'Each page records one architecture decision (ADR): its context, the decision and its consequences. A later decision',
    'does not rewrite an earlier page. When it replaces the earlier one, as a whole or in part, both pages say so.',
    '',
    'A page begins with `# N. Title` and the line `Status: accepted, YYYY-MM-DD.` or',
    '`Status: replaced by [ADR N](NNNN-title.md), YYYY-MM-DD.` Sentences such as "Replaced in part by …: …" may follow on that',
    'line. The sections Context, Decision and Consequences come next, and others may stand between them. The date is the day',
    'on which the status was given. `npm run decisions` writes this index from the pages.',
    '',
    '| number | decision | status | date |',
    '| ---: | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

function statusCell({ status, replacedBy }: Decision): string {
  if (status !== 'accepted' || replacedBy.length === 0) return status
  return `${status}, replaced in part by ${replacedBy.map((number) => `ADR ${number}`).join(' and ')}`
}

if (process.argv[1] === join(repositoryRoot, 'tools/src/decisions.ts')) {
  const decisions = decisionFiles().map((file) => parseDecision(file, readDecision(file)))
  process.stdout.write(decisionIndex(decisions))
}
