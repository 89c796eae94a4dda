#include "operations.h"

namespace frameport::io_uring {

void prepare_connect(const ConnectOperation& operation, SubmissionEntry& entry) {
  entry.opcode = kOpConnect;
  entry.descriptor = static_cast<int32_t>(operation.socket->handle);
  entry.address = reinterpret_cast<uint64_t>(operation.remote.bytes);
  entry.offset = operation.remote.length;
}

EntryOutcome take_connect(const CompletionEntry& entry, Completion& completion) {
  completion.status = -entry.result;
  return {Next::over, true};
}

}  // namespace frameport::io_uring
