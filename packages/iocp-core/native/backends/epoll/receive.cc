#include "operations.h"

#include <errno.h>
#include <sys/socket.h>

namespace frameport::epoll {

bool receive_ready(ReceiveOperation& operation, ReceivePool& pool, Completion& completion) {
  ReceiveRoom room;
  if (!pool.take(room)) return false;
  ssize_t received;
  do {
    received = recv(static_cast<int>(operation.socket->handle), room.bytes, room.length, 0);
  } while (received < 0 && errno == EINTR);
  if (received < 0 && errno == EAGAIN) return false;
  completion = Completion{};
  completion.operation = &operation;
  if (received > 0) {
    // Done now: the bytes are in the pool, and the completion has one reader of the buffer.
    completion.length = static_cast<uint32_t>(received);
    completion.bytes = room.bytes;
    completion.buffer = room.buffer;
    completion.more = true;
    pool.keep(room, completion.length);
    return true;
  }
  // The end or an error: the room was only lent and is not kept. There was room, so 0 does mean the end (rule 6).
  completion.status = received == 0 ? 0 : errno;
  return true;
}

}  // namespace frameport::epoll
