import { type PageDefinition, type Reflection, ReflectionKind } from 'typedoc'
import { ModuleRouter } from 'typedoc-plugin-markdown'

/**
 * Gives a page to each module, and to everything below it an anchor with the whole path: `clienterror.code`. The router of the
 * plugin uses the name alone, which repeats on a page. It also lets functions take the names of pages, so that the
 * page of the entry `contract` became `contract-2` beside a function with that name.
 */
export class EntryRouter extends ModuleRouter {
  override buildChildPages(reflection: Reflection, pages: PageDefinition[]): void {
    if (reflection.kindOf(ReflectionKind.Module)) super.buildChildPages(reflection, pages)
    else if (reflection.parent !== undefined) this.buildAnchors(reflection, reflection.parent)
  }
}
