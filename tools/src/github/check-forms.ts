import * as v from 'valibot'
import { parse } from 'yaml'
import { readRepositoryFile, repositoryFiles, repositoryRoot } from '../repository.ts'

const text = v.pipe(v.string(), v.nonEmpty())
const id = v.pipe(v.string(), v.regex(/^[\w-]+$/))
const required = v.strictObject({ required: v.boolean() })

/** An element of a form that asks for an input. */
function element<Attributes extends v.ObjectEntries>(type: string, attributes: Attributes) {
  return v.strictObject({
    type: v.literal(type),
    id,
    attributes: v.strictObject({ label: text, description: v.optional(text), ...attributes }),
    validations: v.optional(required),
  })
}

const written = { placeholder: v.optional(text), value: v.optional(text) }

/** The form that GitHub accepts as an issue form. GitHub silently hides a form that breaks this. */
const form = v.strictObject({
  name: text,
  description: text,
  labels: v.optional(v.array(text)),
  body: v.pipe(
    v.array(
      v.variant('type', [
        v.strictObject({ type: v.literal('markdown'), attributes: v.strictObject({ value: text }) }),
        element('input', written),
        element('textarea', { ...written, render: v.optional(text) }),
        element('dropdown', { multiple: v.optional(v.boolean()), options: v.array(text) }),
        element('checkboxes', {
          options: v.array(v.strictObject({ label: text, required: v.optional(v.boolean()) })),
        }),
      ]),
    ),
    v.check((body) => body.some(({ type }) => type !== 'markdown'), 'the form asks for nothing'),
    v.check((body) => {
      const ids = body.flatMap((part) => ('id' in part ? [part.id] : []))
      return new Set(ids).size === ids.length
    }, 'two elements have one id'),
  ),
})

const contactLink = v.strictObject({ name: text, url: v.pipe(v.string(), v.url()), about: text })
const chooser = v.strictObject({ blank_issues_enabled: v.boolean(), contact_links: v.array(contactLink) })

const update = v.pipe(
  v.strictObject({
    'package-ecosystem': v.picklist(['npm', 'github-actions']),
    directory: v.optional(v.pipe(v.string(), v.startsWith('/'))),
    directories: v.optional(v.array(v.pipe(v.string(), v.startsWith('/')))),
    schedule: v.strictObject({ interval: v.picklist(['daily', 'weekly', 'monthly']) }),
    cooldown: v.optional(v.strictObject({ 'default-days': v.pipe(v.number(), v.integer(), v.minValue(1)) })),
    groups: v.optional(
      v.record(
        v.string(),
        v.strictObject({
          'dependency-type': v.optional(v.picklist(['development', 'production'])),
          patterns: v.optional(v.array(text)),
          'update-types': v.optional(v.array(v.picklist(['major', 'minor', 'patch']))),
        }),
      ),
    ),
  }),
  v.check(
    (one) => (one.directory === undefined) !== (one.directories === undefined),
    'one of directory and directories',
  ),
)
const dependabot = v.strictObject({ version: v.literal(2), updates: v.array(update) })

const issues = '.github/ISSUE_TEMPLATE/'

/** The errors in a file of .github that a host reads as a form or a setting. Empty if it is valid. */
export function formProblems(file: string, content: string): readonly string[] {
  const { success, issues: found } = v.safeParse(schemaOf(file), parse(content))
  if (success) return []
  return found.map((issue) => `${file}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`)
}

function schemaOf(file: string) {
  if (file === '.github/dependabot.yml') return dependabot
  return file === `${issues}config.yml` ? chooser : form
}

/** Checks all forms, their chooser and dependabot.yml. */
export function allFormProblems(root: string = repositoryRoot): readonly string[] {
  return repositoryFiles(root)
    .filter((file) => file.startsWith(issues) || file === '.github/dependabot.yml')
    .flatMap((file) => formProblems(file, readRepositoryFile(file, root)))
}

/** The folders that dependabot checks for npm, as paths from the root. */
export function dependabotFolders(content: string): readonly string[] {
  return v
    .parse(dependabot, parse(content))
    .updates.filter((one) => one['package-ecosystem'] === 'npm')
    .flatMap(({ directory, directories }) => directories ?? [directory ?? ''])
    .map((folder) => folder.slice(1))
}
