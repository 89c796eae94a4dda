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

/** Errors at run time, in the order of the document, by the title of its section. */
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

/** The complete text of docs/wrong-uses.md. */
export function wrongUsesDocument(): string {
  return [
    '# Wrong uses and their errors',
    '',
    'This page lists mistakes, the error that the compiler or the program reports for each, and the correction. Each row is a',
    'test (`tests/scenarios/wrong-uses.test.ts`), which checks the code of the error, a part of its text, and the line of the program',
    'that the compiler or the stack names. `npm run wrong-uses` writes this page.',
    '',
    'In the programs, `shop` is a contract. Its procedures are `price` (an input, an output and an error), `ping` (none of these) and',
    'the stream `stock`; its events are `changed` (with a topic) and `closing`. Clients can subscribe to the event of the contract',
    '`bells`. `handlers` are correct handlers, and `client` is connected.',
    '',
    '## Found by the compiler',
    '',
    ...table(compilerFinds, ({ code, says }) => `TS${code}: ${codeCell(says)}`),
    '',
    '## Found when the program runs',
    '',
    'These mistakes are found at run time: in JavaScript, after a cast, or in data from outside. The log of the server has the mistakes of',
    'handlers. Clients do not receive them, except a test client, which has them as the `cause`.',
    ...Object.entries(runFinds).flatMap(([title, finds]) => [
      '',
      `### ${title}`,
      '',
      ...table(finds, saidAtRun),
    ]),
    '',
    '## Not wrong',
    '',
    '| what looks wrong | program | effect |',
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
  return ['| mistake | program | error | what to do |', '| --- | --- | --- | --- |', ...rows]
}

function programCell(wrote: string): string {
  return wrote.split('\n').map(codeCell).join('<br>')
}

/** A text as code in a cell of a table. A text with backticks is surrounded by two of them. */
function codeCell(text: string): string {
  const escaped = text.trim().replaceAll('|', '\\|')
  return escaped.includes('`') ? `\`\` ${escaped} \`\`` : `\`${escaped}\``
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(documentFile, wrongUsesDocument())
