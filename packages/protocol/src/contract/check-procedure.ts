import { checkErrorCode, invalidContract } from './names.ts'
import type { Procedure } from './procedure.ts'
import { isBytesSchema, isSchema } from './schema.ts'

/** Whether a member of a group is a procedure made by `procedure()`. */
export function isProcedure(value: unknown): value is Procedure {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'procedure'
}

/** @throws ProtocolError INVALID_CONTRACT for members that are not schemas, or do not go together */
export function checkProcedure(procedure: Procedure, place: string): void {
  for (const part of ['input', 'output', 'items', 'upload'] as const) {
    if (procedure[part] !== undefined && !isSchema(procedure[part])) {
      throw invalidContract(
        `The ${part} of ${place} is not a Standard Schema: use a schema of zod, valibot, …`,
      )
    }
  }
  if (procedure.output !== undefined && procedure.items !== undefined) {
    throw invalidContract(
      `${place} has both output and items: a stream has no output. Leave out one of them.`,
    )
  }
  const besideInput = (['output', 'items', 'upload'] as const).find((part) => procedure[part] !== undefined)
  if (procedure.oneWay && (besideInput !== undefined || Object.keys(procedure.errors).length > 0)) {
    throw invalidContract(
      `${place} is oneWay and has ${besideInput ?? 'errors'}: such a call gets no answer. Leave out one of them.`,
    )
  }
  if (procedure.oneWay && procedure.idempotent) {
    throw invalidContract(
      `${place} is oneWay and idempotent: a call without an answer is never made again. Leave out one of them.`,
    )
  }
  checkResumeFrom(procedure, place)
  for (const [code, schema] of Object.entries(procedure.errors)) {
    checkErrorCode(code, place)
    if (!isSchema(schema)) {
      throw invalidContract(`The data of error ${code} of ${place} is not a Standard Schema.`)
    }
    if (isBytesSchema(schema)) {
      throw invalidContract(`The data of error ${code} of ${place} is bytes(): failures carry values only.`)
    }
  }
}

function checkResumeFrom({ resumeFrom, input, items, upload }: Procedure, place: string): void {
  if (resumeFrom === undefined) return
  if (items === undefined || input === undefined) {
    throw invalidContract(
      `${place} has resumeFrom but no ${items === undefined ? 'items' : 'input'}: resumeFrom gives the input with which a stream continues after an item. Leave it out, or add what is missing.`,
    )
  }
  if (upload !== undefined) {
    throw invalidContract(
      `${place} has resumeFrom and an upload: an upload cannot be sent again, so the stream cannot continue. Leave out one of them.`,
    )
  }
}
