#include "operations.h"

#include "../../os/linux/stream_socket.h"

namespace frameport::epoll {

bool send_ready(SendOperation& operation, Completion& completion) {
  SendAttempt attempt;
  attempt.socket = operation.socket;
  attempt.parts = operation.parts;
  attempt.part_count = operation.part_count;
  stream_socket::send_now(attempt);
  if (attempt.length == 0 && attempt.status == 0) return false;
  completion = Completion{};
  completion.operation = &operation;
  completion.status = attempt.status;
  completion.length = static_cast<uint32_t>(attempt.length);
  return true;
}

}  // namespace frameport::epoll
