#include "accept.h"

#include <errno.h>

#include <new>

#include "../../base/check.h"
#include "../../os/windows/stream_socket.h"
#include "../../os/windows/system_status.h"

namespace frameport::iocp {

ListeningSocket::ListeningSocket(Handle handle, int family, const SocketOptions& options, LPFN_ACCEPTEX accept)
    : OverlappedSocket(handle), family_(family), options_(options), accept_(accept) {}

ListeningSocket* ListeningSocket::make(Handle handle, int family, const SocketOptions& options,
                                       LPFN_ACCEPTEX accept) {
  ListeningSocket* listener = new (std::nothrow) ListeningSocket(handle, family, options, accept);
  if (listener == nullptr) return nullptr;
  for (AcceptRecord*& record : listener->records_) {
    record = new (std::nothrow) AcceptRecord(*listener);
    if (record != nullptr) continue;
    delete listener;
    return nullptr;
  }
  return listener;
}

ListeningSocket::~ListeningSocket() {
  for (AcceptRecord* record : records_) {
    if (record == nullptr) continue;
    check(record->state() == RecordState::idle && record->accepted == kNoHandle,
          "an accept is freed when it is back");
    delete record;
  }
}

int32_t ListeningSocket::start(AcceptOperation& operation, RecordList& done) {
  check(accepting_ == AcceptingState::idle, "a listener has one accept operation");
  const int32_t status = post_all(done);
  if (!is_out()) return status;
  operation_ = &operation;
  accepting_ = AcceptingState::accepting;
  return 0;
}

int32_t ListeningSocket::post_all(RecordList& done) {
  for (AcceptRecord* record : records_) {
    if (record->state() != RecordState::idle) continue;
    const int32_t status = post(*record, done);
    if (status != 0) return status;
  }
  return 0;
}

int32_t ListeningSocket::post(AcceptRecord& record, RecordList& done) {
  const int32_t status = stream_socket::create(family_, record.accepted);
  if (status != 0) {
    record.accepted = kNoHandle;
    return status;
  }
  begin_posting(record);
  DWORD length = 0;
  const BOOL accepted =
      accept_(descriptor(), static_cast<SOCKET>(record.accepted), record.addresses, 0,
              AcceptRecord::kAddressBytes, AcceptRecord::kAddressBytes, &length, &record);
  switch (end_posting(record, accepted != FALSE, WSAGetLastError(), length)) {
    case Posted::in_kernel:
      // The kernel has record and socket until the packet.
      return 0;
    case Posted::done:
      list_record(record, done);
      return 0;
    case Posted::refused:
      break;
  }
  // The only refusal that concerns a connection: it existed, and its peer reset it (AcceptEx on learn.microsoft.com).
  // It is listed as if it had completed with that error, and its socket is closed there.
  if (record.status == ECONNRESET) {
    list_record(record, done);
    return 0;
  }
  // Nothing was started: we still have the socket, which is useless now.
  stream_socket::close(record.accepted);
  record.accepted = kNoHandle;
  return record.status;
}

bool ListeningSocket::cancel() {
  accepting_ = AcceptingState::cancelled;
  bool all = true;
  for (AcceptRecord* record : records_) all &= cancel_posted(*record);
  return all;
}

int32_t ListeningSocket::adopt(Handle accepted) {
  if (state != SocketState::open) return ECONNABORTED;
  // Without it the socket knows neither its addresses nor how to shut down.
  const SOCKET listener = descriptor();
  const int failed = setsockopt(static_cast<SOCKET>(accepted), SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                                reinterpret_cast<const char*>(&listener), sizeof listener);
  return failed == 0 ? stream_socket::apply(accepted, options_) : last_socket_status();
}

Arrival ListeningSocket::take(AcceptRecord& record) {
  const Handle accepted = record.accepted;
  record.accepted = kNoHandle;
  // Any error of an accept concerns its one connection: the peer has reset it, or setting its options failed
  // because it is gone. If the listener itself were broken, the next post would fail (libuv, src/win/tcp.c,
  // uv__process_tcp_accept_req).
  if (record.status == 0 && adopt(accepted) == 0) return {accepted, 0};
  stream_socket::close(accepted);
  return {kNoHandle, ECONNABORTED};
}

void ListeningSocket::finish() {
  check(accepting_ != AcceptingState::idle && !is_out(), "accepting ends with its last record");
  accepting_ = AcceptingState::idle;
  operation_ = nullptr;
}

}  // namespace frameport::iocp
