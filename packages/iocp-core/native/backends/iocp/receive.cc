#include "operations.h"

#include <errno.h>
#include <winsock2.h>

#include <windows.h>

#include "../../os/windows/system_status.h"

namespace frameport::iocp {

namespace {

// The next receive, once this socket was read. Its refusal becomes the completion after this one.
void post_next(OverlappedSocket& socket, RecordList& done) {
  if (post_receive(socket, done) != 0) list_record(socket.receive, done);
}

// The function that Wine's FAQ recommends for this check.
bool is_wine() { return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr; }

// Windows fails a receive on a connection that was reset, so 0 is the end there (recv on learn.microsoft.com). Wine
// also returns 0 for a reset that came while no receive was posted, and a cut stream must not look complete: so on Wine
// an empty send checks again. It cannot show that an end came before the reset, which then counts as a cut on Wine.
// Other errors of the send are ignored: a lack of memory, or our own end.
int32_t reset_instead_of_end(const OverlappedSocket& socket) {
  if (!is_wine()) return 0;
  WSABUF nothing{0, nullptr};
  DWORD sent = 0;
  if (WSASend(socket.descriptor(), &nothing, 1, &sent, 0, nullptr, nullptr) == 0) return 0;
  const int error = WSAGetLastError();
  const bool was_reset = error == WSAECONNRESET || error == WSAECONNABORTED;
  return was_reset ? errno_of(static_cast<uint32_t>(error)) : 0;
}

}  // namespace

int32_t post_receive(OverlappedSocket& socket, RecordList& done) {
  WSABUF nothing{0, nullptr};
  DWORD received = 0;
  DWORD flags = 0;
  begin_posting(socket.receive);
  const int failed =
      WSARecv(socket.descriptor(), &nothing, 1, &received, &flags, &socket.receive, nullptr);
  switch (end_posting(socket.receive, failed == 0, WSAGetLastError(), received)) {
    case Posted::in_kernel:
      // The kernel has the record and none of our bytes.
      return 0;
    case Posted::done:
      list_record(socket.receive, done);
      return 0;
    case Posted::refused:
      break;
  }
  return socket.receive.status;
}

bool receive_ready(OverlappedSocket& socket, ReceivePool& pool, RecordList& done, Completion& completion) {
  completion = Completion{};
  completion.operation = socket.receive.operation;
  completion.status = socket.receive.status;
  if (completion.status != 0) return true;
  ReceiveRoom room;
  if (!pool.take(room)) {
    list_record(socket.receive, done);
    return false;
  }
  const int received =
      recv(socket.descriptor(), reinterpret_cast<char*>(room.bytes), static_cast<int>(room.length), 0);
  if (received > 0) {
    // Done now: the bytes are in the pool, and the completion has one reader of the buffer.
    completion.length = static_cast<uint32_t>(received);
    completion.bytes = room.bytes;
    completion.buffer = room.buffer;
    completion.more = true;
    pool.keep(room, completion.length);
    // If the room is full, there is more to read, which another call would only confirm.
    if (completion.length == room.length) {
      list_record(socket.receive, done);
    } else {
      post_next(socket, done);
    }
    return true;
  }
  const int32_t failed = received < 0 ? last_socket_status() : 0;
  if (failed == EAGAIN) {
    post_next(socket, done);
    return false;
  }
  if (lacks_memory(failed)) {
    // Nothing was read, and the bytes are still there. The port sees the status, and pauses.
    socket.receive.status = failed;
    list_record(socket.receive, done);
    return false;
  }
  // The end or an error: the room was only lent and is not kept. There was room, so 0 does mean the end (rule 6).
  completion.status = received == 0 ? reset_instead_of_end(socket) : failed;
  return true;
}

}  // namespace frameport::iocp
