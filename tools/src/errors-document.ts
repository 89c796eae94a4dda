import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { repositoryRoot } from './repository.ts'

interface ErrorEntry {
  readonly happened: string
  readonly fix: string
}

export interface ErrorTable {
  /** The package: `framing`. */
  readonly room: string
  /** The class that carries these codes: `FramingError`. */
  readonly errorClass: string
  readonly codes: Readonly<Record<string, ErrorEntry>>
}

/** The file with the codes of each package, and the class that carries them. */
const sources = [
  { room: 'framing', errorClass: 'FramingError', table: 'framingErrorCodes' },
  { room: 'iocp-core', errorClass: 'IocpError', table: 'iocpErrorCodes' },
  { room: 'protocol', errorClass: 'ProtocolError', table: 'protocolErrorCodes' },
  { room: 'client', errorClass: 'ClientError', table: 'clientErrorCodes' },
  { room: 'server', errorClass: 'ServerError', table: 'serverErrorCodes' },
  { room: 'log-sqlite', errorClass: 'SqliteLogError', table: 'sqliteLogErrorCodes' },
  { room: 'testing', errorClass: 'TestingError', table: 'testingErrorCodes' },
  { room: 'broker-nats', errorClass: 'NatsBrokerError', table: 'natsBrokerErrorCodes' },
] as const

export async function errorTables(): Promise<ErrorTable[]> {
  return Promise.all(
    sources.map(async ({ room, errorClass, table }) => {
      const file = join(repositoryRoot, 'packages', room, 'src/error-codes.ts')
      const loaded = (await import(pathToFileURL(file).href)) as Record<string, ErrorTable['codes']>
      const codes = loaded[table]
      if (codes === undefined) throw new Error(`${file} exports no ${table}`)
      return { room, errorClass, codes }
    }),
  )
}

/** The complete docs/errors.md. */
export function errorsDocument(tables: readonly ErrorTable[]): string {
  const rows = tables.flatMap(({ errorClass, codes }) =>
    Object.entries(codes).map(
      ([code, { happened, fix }]) => `| \`${errorClass}\` | \`${code}\` | ${cell(happened)} | ${cell(fix)} |`,
    ),
  )
  return [
    '# Errors',
    '',
    'Every error of Frameport has a stable `code`. Branch on the code, never on the text. Each package has one base class with a',
    'static method `is`. Use it instead of `instanceof`: it also recognises errors of another copy of the package. The property',
    '`cause` holds the error that led to this one, if there is one. [Handling errors](handling-errors.md) has examples.',
    '',
    '| class | code | what happened | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    'A failed call rejects with an `RpcError` instead. Its code is one that the contract declares for the procedure, or a',
    'standard code of `StandardRpcCode`. The [wire protocol](wire-protocol.md#standard-codes) lists the standard codes.',
    '',
  ].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

if (process.argv[1] === join(repositoryRoot, 'tools/src/errors-document.ts')) {
  process.stdout.write(errorsDocument(await errorTables()))
}
