#include "overlapped_socket.h"

#include <errno.h>
#include <mswsock.h>

#include "../../base/check.h"
#include "system_status.h"

namespace frameport {

namespace {

bool is_out(RecordState state) { return state != RecordState::idle && state != RecordState::signalled; }

}  // namespace

void OverlappedRecord::move(std::initializer_list<RecordState> from, RecordState to) {
  bool expected = false;
  for (const RecordState one : from) expected |= one == state_;
  check(expected, "a record goes from one state to the next and leaves none out");
  socket->records_out += static_cast<uint32_t>(is_out(to)) - static_cast<uint32_t>(is_out(state_));
  state_ = to;
}

void move_all(RecordList& from, RecordList& to) {
  while (OverlappedRecord* record = from.pop()) to.push(*record);
}

namespace {

// Whether its handle belongs to the file system itself. With a layered provider in between, packets arrive for calls
// that succeeded at once, although they should be skipped (Microsoft's article 2568167).
bool has_plain_provider(SOCKET descriptor) {
  WSAPROTOCOL_INFOW provider{};
  int length = sizeof provider;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PROTOCOL_INFOW, reinterpret_cast<char*>(&provider), &length) != 0) {
    return false;
  }
  return provider.ProtocolChain.ChainLen == 1 && (provider.dwServiceFlags1 & XP1_IFS_HANDLES) != 0;
}

}  // namespace

int32_t bind_to_queue(OverlappedSocket& socket, HANDLE queue) {
  const ULONG_PTR key = reinterpret_cast<ULONG_PTR>(&socket);
  if (CreateIoCompletionPort(socket.file(), queue, key, 0) == nullptr) return last_system_status();
  constexpr UCHAR kModes = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;
  socket.is_layered = !has_plain_provider(socket.descriptor());
  socket.skips_packet_on_success =
      !socket.is_layered && SetFileCompletionNotificationModes(socket.file(), kModes) != 0;
  return 0;
}

void begin_posting(OverlappedRecord& record) {
  record.move({RecordState::idle}, RecordState::in_kernel);
  static_cast<OVERLAPPED&>(record) = OVERLAPPED{};
  record.length = 0;
  record.status = 0;
}

Posted end_posting(OverlappedRecord& record, bool succeeded, DWORD error, DWORD length) {
  const bool pending = !succeeded && error == WSA_IO_PENDING;
  if (pending || (succeeded && !record.socket->skips_packet_on_success)) return Posted::in_kernel;
  record.move({RecordState::in_kernel}, RecordState::idle);
  record.length = succeeded ? length : 0;
  record.status = succeeded ? 0 : errno_of(error);
  return succeeded ? Posted::done : Posted::refused;
}

void list_record(OverlappedRecord& record, RecordList& list) {
  record.move({RecordState::idle, RecordState::signalled}, RecordState::listed);
  list.push(record);
}

void take_from_kernel(OverlappedRecord& record) {
  record.move({RecordState::in_kernel}, RecordState::listed);
  // The packet has the length.
  if (record.Internal == 0) return;
  if (record.socket->state != SocketState::open) {
    // The exact status needs the descriptor. Without it, the reason is that we closed it.
    record.status = ECANCELED;
    return;
  }
  DWORD length = 0;
  DWORD flags = 0;
  const BOOL succeeded =
      WSAGetOverlappedResult(record.socket->descriptor(), &record, &length, FALSE, &flags);
  if (!succeeded) record.status = last_socket_status();
}

bool cancel_posted(OverlappedRecord& record) {
  if (record.state() != RecordState::in_kernel) return true;
  OverlappedSocket& socket = *record.socket;
  if (CancelIoEx(socket.file(), &record)) return true;
  // It has completed, and its packet is in the queue already (CancelIoEx on learn.microsoft.com). Any other failure
  // leaves it pending.
  if (!socket.is_layered) return GetLastError() == ERROR_NOT_FOUND;
  // The layer may have passed the request down on its own handle, where CancelIoEx finds it (libuv,
  // src/win/tcp.c, uv__tcp_try_cancel_reqs). If the request is found at neither place, that proves nothing.
  SOCKET base = INVALID_SOCKET;
  DWORD answered = 0;
  const int failed = WSAIoctl(socket.descriptor(), SIO_BASE_HANDLE, nullptr, 0, &base, sizeof base, &answered,
                              nullptr, nullptr);
  return failed == 0 && CancelIoEx(reinterpret_cast<HANDLE>(base), &record) != 0;
}

}  // namespace frameport
