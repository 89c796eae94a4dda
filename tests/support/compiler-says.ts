import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** An error of the compiler for one line. */
export interface CompilerText {
  /** `2554` of TS2554. If the line has several errors, the first one. */
  readonly code: number
  readonly text: string
}

/**
 * Returns the errors of the compiler for source text, with the settings of this repository.
 *
 * @param folder the folder of the text as a file, from which its imports are resolved
 * @returns the errors by the number of the line, starting at 0
 */
export function compilerSays(folder: string, source: string): ReadonlyMap<number, CompilerText> {
  const file = join(folder, 'never-on-disk.ts')
  const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const settings = { ...options, noEmit: true, types: ['node'] }
  const host = ts.createCompilerHost(settings)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (name) => name === file || fileExists.call(host, name)
  host.readFile = (name) => (name === file ? source : readFile.call(host, name))
  host.getSourceFile = (name, version) =>
    name === file ? ts.createSourceFile(name, source, version, true) : getSourceFile.call(host, name, version)
  const program = ts.createProgram([file], settings, host)
  const said = new Map<number, CompilerText>()
  for (const { file: where, start, code, messageText } of ts.getPreEmitDiagnostics(
    program,
    program.getSourceFile(file),
  )) {
    if (where === undefined || start === undefined) continue
    const { line } = ts.getLineAndCharacterOfPosition(where, start)
    const text = ts.flattenDiagnosticMessageText(messageText, '\n')
    const before = said.get(line)
    said.set(line, before === undefined ? { code, text } : { ...before, text: `${before.text}\n${text}` })
  }
  return said
}
