#include "operations.h"

#include <algorithm>

#include "../../base/check.h"
#include "../../os/windows/system_status.h"

namespace frameport::iocp {

namespace {

struct Gathered {
  WSABUF pieces[kSendPartsMax];
  DWORD count = 0;
};

void gather(const SendPart* parts, uint32_t count, Gathered& gathered) {
  check(count > 0 && count <= kSendPartsMax, "a send has between one and kSendPartsMax parts");
  size_t room = kSendBytesMax;
  for (uint32_t index = 0; index < count && room > 0; index++) {
    const size_t length = std::min(parts[index].length, room);
    // WSABUF is not const; a send only reads.
    char* bytes = const_cast<char*>(reinterpret_cast<const char*>(parts[index].bytes));
    gathered.pieces[gathered.count++] = {static_cast<ULONG>(length), bytes};
    room -= length;
  }
}

}  // namespace

void send_now(SendAttempt& attempt) {
  Gathered gathered;
  gather(attempt.parts, attempt.part_count, gathered);
  DWORD sent = 0;
  const SOCKET descriptor = static_cast<SOCKET>(attempt.socket->handle);
  const bool succeeded = WSASend(descriptor, gathered.pieces, gathered.count, &sent, 0, nullptr, nullptr) == 0;
  const int error = succeeded ? 0 : WSAGetLastError();
  // Done now: the kernel has copied these bytes, and the caller may reuse them.
  attempt.length = succeeded ? sent : 0;
  // No room: nothing was taken, the caller keeps all bytes. Broken: the same, and no later attempt can succeed.
  const bool no_room = error == WSAEWOULDBLOCK || error == WSAENOBUFS;
  attempt.status = succeeded || no_room ? 0 : errno_of(static_cast<uint32_t>(error));
}

Posted post_send(OverlappedSocket& socket, const SendOperation& operation) {
  Gathered gathered;
  gather(operation.parts, operation.part_count, gathered);
  begin_posting(socket.output);
  DWORD sent = 0;
  // The array of pieces is read before the call returns; the kernel has the bytes until the packet (rule 1).
  const int failed =
      WSASend(socket.descriptor(), gathered.pieces, gathered.count, &sent, 0, &socket.output, nullptr);
  return end_posting(socket.output, failed == 0, WSAGetLastError(), sent);
}

}  // namespace frameport::iocp
