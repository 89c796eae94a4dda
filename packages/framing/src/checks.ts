export { hasBrand } from './brand.ts'
export { describeValue } from './describe-value.ts'
export { onLateFailure } from './late-failure.ts'
export { reportUncaught } from './report-uncaught.ts'
