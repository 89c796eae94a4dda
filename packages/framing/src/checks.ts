export { hasBrand } from './brand.ts'
export { describeValue } from './support/describe-value.ts'
export { onLateFailure } from './support/late-failure.ts'
export { reportUncaught } from './support/report-uncaught.ts'
