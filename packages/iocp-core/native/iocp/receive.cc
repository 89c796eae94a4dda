#include "receive.h"

#include <errno.h>

#include "../windows/system_status.h"

namespace frameport::iocp {

namespace {

// The next one, once this socket was read. Its refusal is told as the completion after this one.
void post_next(OverlappedSocket& socket, RecordList& done) {
  if (post_receive(socket, done) != 0) list_record(socket.receive, done);
}

// Wine answers 0, as for an end, when the reset came while no receive was posted. A cut stream must not look like a
// whole one, so a send of no bytes asks again: it does nothing where the peer has only ended. After our own end it
// could not tell.
int32_t reset_behind_end(const OverlappedSocket& socket) {
  if (socket.sending_ended) return 0;
  WSABUF nothing{0, nullptr};
  DWORD sent = 0;
  if (WSASend(socket.descriptor(), &nothing, 1, &sent, 0, nullptr, nullptr) == 0) return 0;
  return WSAGetLastError() == WSAEWOULDBLOCK ? 0 : ECONNRESET;
}

}  // namespace

int32_t post_receive(OverlappedSocket& socket, RecordList& done) {
  WSABUF nothing{0, nullptr};
  DWORD received = 0;
  DWORD flags = 0;
  begin_posting(socket.receive);
  const int failed =
      WSARecv(socket.descriptor(), &nothing, 1, &received, &flags, &socket.receive.overlapped, nullptr);
  switch (end_posting(socket.receive, failed == 0, WSAGetLastError(), received)) {
    case Posted::in_kernel:
      // The kernel has the record and not one byte of ours.
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
    // Done now: the bytes are in the pool and one reader of the buffer goes with the completion.
    completion.length = static_cast<uint32_t>(received);
    completion.bytes = room.bytes;
    completion.buffer = room.buffer;
    completion.more = true;
    pool.keep(room, completion.length);
    // A full room means that there is more to read, which asking would only confirm.
    if (completion.length == room.length) {
      list_record(socket.receive, done);
    } else {
      post_next(socket, done);
    }
    return true;
  }
  if (received < 0 && WSAGetLastError() == WSAEWOULDBLOCK) {
    post_next(socket, done);
    return false;
  }
  // The end or a fault: the room was only lent and nothing keeps it. There was room, so 0 does mean the end (rule 6).
  completion.status = received == 0 ? reset_behind_end(socket) : last_socket_status();
  return true;
}

}  // namespace frameport::iocp
