import { join, posix } from 'node:path'
import ts from 'typescript'
import { readRepositoryFile, repositoryRoot } from './repository.ts'

/** The source file behind one entry of a package's `exports`. */
export interface EntryFile {
  /** `@frameport/client/tcp`, with its condition if it has one: `@frameport/client (browser)`. */
  readonly name: string
  /** An absolute path. */
  readonly file: string
}

type Target = string | { readonly [condition: string]: Target }

/** The entries of the package in a folder, in the order of its `exports`. */
export function entryFiles(folder: string): EntryFile[] {
  const manifest = JSON.parse(readRepositoryFile(`${folder}/package.json`)) as {
    readonly name: string
    readonly exports: Readonly<Record<string, Target>>
  }
  return Object.entries(manifest.exports).flatMap(([path, target]) =>
    sourcesOf(target).map(({ file, conditions }) => ({
      name: [posix.join(manifest.name, path), ...conditions.map((condition) => `(${condition})`)].join(' '),
      file: join(repositoryRoot, folder, file),
    })),
  )
}

function sourcesOf(
  target: Target,
  conditions: readonly string[] = [],
): { file: string; conditions: readonly string[] }[] {
  if (typeof target === 'string') return []
  return Object.entries(target).flatMap(([condition, below]) => {
    if (typeof below !== 'string') return sourcesOf(below, [...conditions, condition])
    return condition === '@frameport/source' ? [{ file: below, conditions }] : []
  })
}

/** A program of these entries, under the compiler options of the tools. */
export function programOf(entries: readonly EntryFile[]): ts.Program {
  return ts.createProgram(
    entries.map(({ file }) => file),
    compilerOptions(),
  )
}

function compilerOptions(): ts.CompilerOptions {
  const config = join(repositoryRoot, 'tools/tsconfig.json')
  const { options, errors } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    ts.sys,
    join(repositoryRoot, 'tools'),
  )
  if (errors[0] !== undefined) throw new Error(ts.flattenDiagnosticMessageText(errors[0].messageText, '\n'))
  return options
}

/** The exports of a module. For re-exported names, the original declarations. */
export function exportedSymbols(program: ts.Program, file: string): ReadonlyMap<string, ts.Symbol> {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`${file} is not a module that can be read.`)
  return new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, declared(checker, symbol)]))
}

function declared(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}
