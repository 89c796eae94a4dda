import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import ts from 'typescript'

/** A text in a file that an editor found. */
export interface FoundText {
  readonly file: string
  /** Starting at 1. */
  readonly line: number
  readonly text: string
}

/** The language service for the programs of a folder, as an editor runs it. */
export class Editor {
  readonly files: readonly string[]
  readonly #service: ts.LanguageService

  /** @param folder contains a tsconfig.json, which names the programs */
  constructor(folder: string) {
    const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: refuse }
    const config = ts.getParsedCommandLineOfConfigFile(join(folder, 'tsconfig.json'), {}, host)
    if (config === undefined) throw new Error(`${folder} has no tsconfig.json`)
    this.files = config.fileNames
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => config.options,
      getScriptFileNames: () => config.fileNames,
      getScriptVersion: () => '1',
      getScriptSnapshot: (file) =>
        ts.sys.fileExists(file) ? ts.ScriptSnapshot.fromString(readFileSync(file, 'utf8')) : undefined,
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
      ...(ts.sys.realpath === undefined ? {} : { realpath: ts.sys.realpath }),
    })
  }

  /**
   * The errors of the compiler in the programs. There must be none, because hovers after an error are not meaningful.
   */
  problems(): readonly string[] {
    return this.files.flatMap((file) =>
      [...this.#service.getSyntacticDiagnostics(file), ...this.#service.getSemanticDiagnostics(file)].map(
        ({ messageText }) => `${basename(file)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      ),
    )
  }

  /**
   * The hover of a name: its type without the documentation, uncut. An editor cuts it after 500 characters. The
   * compiler reuses a cut text in later hovers, which would then depend on the order.
   */
  hover(file: string, position: number): string {
    return ts.displayPartsToString(
      this.#service.getQuickInfoAtPosition(file, position, 100_000)?.displayParts,
    )
  }

  /** The places to which the editor goes from a name. */
  definitions(file: string, position: number): readonly FoundText[] {
    return this.#found(this.#service.getDefinitionAtPosition(file, position))
  }

  /** The places that the editor renames together with a name. @throws the reason if it cannot rename it */
  renamed(file: string, position: number): readonly FoundText[] {
    const info = this.#service.getRenameInfo(file, position, {})
    if (!info.canRename) throw new Error(info.localizedErrorMessage)
    return this.#found(this.#service.findRenameLocations(file, position, false, false, {}))
  }

  #found(spans: readonly ts.DocumentSpan[] | undefined): readonly FoundText[] {
    return (spans ?? []).map(({ fileName, textSpan: { start, length } }) => {
      const text = readFileSync(fileName, 'utf8')
      const line = text.slice(0, start).split('\n').length
      return { file: basename(fileName), line, text: text.slice(start, start + length) }
    })
  }
}

function refuse({ messageText }: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'))
}
