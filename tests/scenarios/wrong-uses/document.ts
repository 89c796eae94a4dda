import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compilerFinds } from './compile-time.ts'
import { rightUses } from './right-uses.ts'
import { callFinds } from './run-calls.ts'
import { callToClientFinds } from './run-calls-to-clients.ts'
import { clientFinds } from './run-clients.ts'
import { contractFinds } from './run-contracts.ts'
import { eventFinds } from './run-events.ts'
import { handlerFinds } from './run-handlers.ts'
import { serverFinds } from './run-servers.ts'
import type { CompilerFinds, RunFinds } from './wrong-use.ts'

/** What shows when the program runs, in the order of the document, by the title of its part. */
export const runFinds: Readonly<Record<string, readonly RunFinds[]>> = {
  Contracts: contractFinds,
  Servers: serverFinds,
  Handlers: handlerFinds,
  Clients: clientFinds,
  'Calls to clients': callToClientFinds,
  Calls: callFinds,
  'Clients that listen': eventFinds,
}

export const documentFile: string = fileURLToPath(new URL('../../../docs/wrong-uses.md', import.meta.url))

/** docs/wrong-uses.md, whole. */
export function wrongUsesDocument(): string {
  return [
    '# Wrong uses, and what is said of them',
    '',
    'Each row is a test (`tests/scenarios/wrong-uses.test.ts`): it holds the code of the error, a part of its text, and the line of the',
    'program that the compiler or the stack names. `npm run wrong-uses` writes this page from the rows. `shop` is a contract',
    'with the procedures `price` (an input, an output, an error), `ping` (neither) and the stream `stock`, and with the events `changed` (with',
    'a topic) and `closing`; `bells` has an event that clients subscribe to. `handlers` are right, and `client` is connected.',
    '',
    '## Found by the compiler',
    '',
    ...table(compilerFinds, ({ code, says }) => `TS${code}: ${codeCell(says)}`),
    '',
    '## Found when the program runs',
    '',
    "In JavaScript, behind a cast, or because of what comes from elsewhere. What a handler does wrong is told to the server's log and never",
    'to its clients; the client of a test has it as the `cause`.',
    ...Object.entries(runFinds).flatMap(([title, finds]) => [
      '',
      `### ${title}`,
      '',
      ...table(finds, saidAtRun),
    ]),
    '',
    '## Not wrong',
    '',
    '| what it looks like | what was written | what it does |',
    '| --- | --- | --- |',
    ...rightUses.map(({ what, wrote, does }) => `| ${what} | ${programCell(wrote)} | ${does} |`),
    '',
  ].join('\n')
}

function saidAtRun({ error, code, says, because }: RunFinds): string {
  const log = because === undefined ? '' : `<br>in the log: ${codeCell(because)}`
  return `${error}${code === undefined ? '' : ` \`${code}\``}: ${codeCell(says)}${log}`
}

function table<Find extends CompilerFinds | RunFinds>(
  finds: readonly Find[],
  said: (find: Find) => string,
): readonly string[] {
  const rows = finds.map(
    (find) => `| ${find.what} | ${programCell(find.wrote)} | ${said(find)} | ${find.cure} |`,
  )
  return [
    '| what is wrong | what was written | what is said | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
  ]
}

function programCell(wrote: string): string {
  return wrote.split('\n').map(codeCell).join('<br>')
}

/** As code in a cell of a table; text with backticks is set off by two of them. */
function codeCell(text: string): string {
  const escaped = text.trim().replaceAll('|', '\\|')
  return escaped.includes('`') ? `\`\` ${escaped} \`\`` : `\`${escaped}\``
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(documentFile, wrongUsesDocument())
