import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Application,
  Converter,
  type DeclarationReflection,
  type ProjectReflection,
  ReflectionKind,
} from 'typedoc'
import { MarkdownPageEvent, type PluginOptions } from 'typedoc-plugin-markdown'
import { repository } from '../links.ts'
import { apiFolder, repositoryRoot } from '../pages.ts'
import { apiEntries, type Entry } from './entries.ts'
import { apiIndex } from './index-page.ts'
import { EntryRouter } from './router.ts'

const inRoot = (path: string) => join(repositoryRoot, path)

const looks: Partial<PluginOptions> = {
  entryFileName: 'index',
  excludeScopesInPaths: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  pageTitleTemplates: { index: 'API', module: '{name}' },
  parametersFormat: 'table',
  sanitizeComments: true,
  useCodeBlocks: true,
  // Names of headings repeat on a page, and each has to be the target of links.
  useCustomAnchors: true,
}

/**
 * Writes the pages of the API, one for each entry, from the comments in the sources.
 *
 * @throws Error when a comment links to something that does not exist or is not documented
 */
export async function generateApi(): Promise<void> {
  const entries = apiEntries()
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    // In this order: an entry owns what it exports together with those behind it, and they refer to it.
    entryPoints: entries.map(({ file }) => inRoot(file)),
    sortEntryPoints: false,
    tsconfig: inRoot('site/tsconfig.api.json'),
    // `npm test` compiles the same sources.
    skipErrorChecking: true,
    excludeExternals: true,
    excludePrivate: true,
    excludeInternal: true,
    disableGit: true,
    basePath: repositoryRoot,
    displayBasePath: repositoryRoot,
    sourceLinkTemplate: `${repository}/blob/main/{path}#L{line}`,
    readme: 'none',
    router: 'entries',
    outputs: [{ name: 'markdown', path: inRoot(apiFolder) }],
    validation: { invalidLink: true, notExported: false, notDocumented: false },
    logLevel: 'Warn',
    ...(looks as object),
  })
  app.renderer.defineRouter('entries', EntryRouter)
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    nameModules(project, entries)
    removeBrands(project)
    shortenMembers(project)
    nameParameters(project)
  })
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    page.contents = withoutLeadingBars(page.contents ?? '')
  })
  const project = await app.convert()
  if (project === undefined)
    throw new Error('TypeDoc could not read the sources. It has written the reason above.')
  app.validate(project)
  await app.generateOutputs(project)
  writeFileSync(inRoot(`${apiFolder}/index.md`), apiIndex(entries))
  if (app.logger.hasErrors() || app.logger.hasWarnings() || app.logger.validationWarningCount > 0)
    throw new Error('TypeDoc has found faults in the comments of the sources. It lists them above.')
}

/** TypeDoc names modules after their files. Users know them by what they import. */
function nameModules(project: ProjectReflection, entries: readonly Entry[]): void {
  for (const module of declarations(project, ReflectionKind.Module)) {
    const file = module.sources?.[0]?.fullFileName
    const entry = entries.find((one) => inRoot(one.file) === file)
    if (entry === undefined) throw new Error(`The module ${module.name} is not an entry of a package.`)
    module.name = entry.name
  }
}

/** Errors of two copies of a package know each other by a symbol, which nobody else uses. */
function removeBrands(project: ProjectReflection): void {
  for (const member of declarations(project, ReflectionKind.Property))
    if (member.name === '[brand]') project.removeReflection(member)
}

/** A class or an interface says where it is defined and what it extends. Its members need not repeat that. */
function shortenMembers(project: ProjectReflection): void {
  const kinds = ReflectionKind.ClassOrInterface | ReflectionKind.TypeLiteral
  for (const reflection of declarations(project, ReflectionKind.SomeMember | ReflectionKind.SomeSignature)) {
    const parent = reflection.parent
    if (!parent?.kindOf(kinds) && !parent?.parent?.kindOf(kinds)) continue
    delete reflection.sources
    delete reflection.inheritedFrom
    delete reflection.overwrites
  }
}

/** TypeDoc has no name for parameters that are taken apart where they are declared. */
function nameParameters(project: ProjectReflection): void {
  for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter))
    if (parameter.name.startsWith('__namedParameters')) parameter.name = 'options'
}

/** A union of types in a table begins with a bar, as one does that takes a line for each type. */
function withoutLeadingBars(contents: string): string {
  return contents.replaceAll('| \\| ', '| ')
}

function declarations(project: ProjectReflection, kind: ReflectionKind): DeclarationReflection[] {
  return project.getReflectionsByKind(kind) as DeclarationReflection[]
}
