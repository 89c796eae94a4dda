import { acceptCases } from './cases/accept.ts'
import { portArgumentCases } from './cases/arguments-of-ports.ts'
import { sendArgumentCases } from './cases/arguments-of-send.ts'
import { backPressureCases } from './cases/back-pressure.ts'
import { callbackCases } from './cases/callbacks.ts'
import { chunkMemoryCases } from './cases/chunk-memory.ts'
import { closeCases } from './cases/close.ts'
import { connectCases } from './cases/connect.ts'
import { contextCases } from './cases/contexts.ts'
import { endpointCases } from './cases/endpoints.ts'
import { halfCloseCases } from './cases/half-close.ts'
import { iterateCases } from './cases/iterate.ts'
import { lateFailureCases } from './cases/late-failures.ts'
import { legacyServerFaultCases } from './cases/legacy-server-faults.ts'
import { lentBytesCases } from './cases/lent-bytes.ts'
import { listenCases } from './cases/listen.ts'
import { nameCases } from './cases/names.ts'
import { notSentLowCases } from './cases/not-sent-low.ts'
import { orderCases } from './cases/order.ts'
import { processCases } from './cases/processes.ts'
import { reentrancyCases } from './cases/reentrancy.ts'
import { resetCases } from './cases/reset.ts'
import { scheduleCases } from './cases/schedules.ts'
import { unixPathCases } from './cases/unix-paths.ts'
import type { ConformanceCase } from './conformance-case.ts'

/** Every case of the contract, by topic. What a back end is, is what passes these. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...listenCases,
  ...acceptCases,
  ...connectCases,
  ...orderCases,
  ...halfCloseCases,
  ...scheduleCases,
  ...closeCases,
  ...backPressureCases,
  ...notSentLowCases,
  ...iterateCases,
  ...resetCases,
  ...callbackCases,
  ...contextCases,
  ...lateFailureCases,
  ...reentrancyCases,
  ...lentBytesCases,
  ...chunkMemoryCases,
  ...sendArgumentCases,
  ...portArgumentCases,
  ...endpointCases,
  ...unixPathCases,
  ...nameCases,
  ...legacyServerFaultCases,
  ...processCases,
]
