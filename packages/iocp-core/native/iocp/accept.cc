#include "accept.h"

#include <errno.h>

#include <new>

#include "../check.h"
#include "../windows/stream_socket.h"
#include "../windows/system_status.h"

namespace frameport::iocp {

namespace {

// Faults of the one connection that was waiting: its peer went away before it was accepted.
bool is_fault_of_the_peer(int32_t status) {
  switch (status) {
    case ECONNRESET:
    case ECONNABORTED:
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
      return true;
    default:
      return false;
  }
}

}  // namespace

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
    check(record->state == RecordState::idle && record->accepted == kNoHandle, "an accept is freed when it is back");
    delete record;
  }
}

int32_t ListeningSocket::start(AcceptOperation& operation, RecordList& done) {
  operation_ = &operation;
  cancelled_ = false;
  const int32_t status = post_all(done);
  if (records_out > 0) return 0;
  operation_ = nullptr;
  return status;
}

int32_t ListeningSocket::post_all(RecordList& done) {
  for (AcceptRecord* record : records_) {
    if (record->state != RecordState::idle) continue;
    const int32_t status = post(*record, done);
    // What one record lacks the next would lack, too.
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
              AcceptRecord::kAddressBytes, AcceptRecord::kAddressBytes, &length, &record.overlapped);
  switch (end_posting(record, accepted != FALSE, WSAGetLastError(), length)) {
    case Posted::in_kernel:
      // Record and socket are the kernel's until the packet.
      return 0;
    case Posted::done:
      list_record(record, done);
      return 0;
    case Posted::refused:
      break;
  }
  if (is_fault_of_the_peer(record.status)) {
    // Told like one that completed with it; the socket is closed there.
    list_record(record, done);
    return 0;
  }
  // Nothing was started: the socket is ours and of no use.
  stream_socket::close(record.accepted);
  record.accepted = kNoHandle;
  return record.status;
}

void ListeningSocket::cancel() {
  cancelled_ = true;
  for (AcceptRecord* record : records_) cancel_posted(*record);
}

int32_t ListeningSocket::adopt(AcceptRecord& record) {
  // Without it the socket knows neither its addresses nor how to shut down.
  const SOCKET listener = descriptor();
  const int failed = setsockopt(static_cast<SOCKET>(record.accepted), SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                                reinterpret_cast<const char*>(&listener), sizeof listener);
  return failed == 0 ? stream_socket::apply(record.accepted, options_) : last_socket_status();
}

bool ListeningSocket::complete(AcceptRecord& record, RecordList& done, Completion& completion,
                               int32_t& ended_status) {
  check(operation_ != nullptr, "accepts come back while their operation is in flight");
  completion = Completion{};
  completion.operation = operation_;
  completion.more = true;
  // Options that a connection refuses are its own fault: it is gone already.
  if (record.status == 0 && adopt(record) != 0) record.status = ECONNABORTED;
  const bool lacks_resources = record.status != 0 && !is_fault_of_the_peer(record.status);
  if (record.status == 0) {
    completion.accepted = record.accepted;
  } else {
    stream_socket::close(record.accepted);
    completion.status = lacks_resources ? record.status : ECONNABORTED;
  }
  record.accepted = kNoHandle;
  int32_t status = completion.status;
  // After a lack of resources nothing is posted: what is still out goes on, and the owner's pause bounds the rest.
  if (!cancelled_ && !lacks_resources) status = post_all(done);
  if (records_out == 0) {
    operation_ = nullptr;
    if (cancelled_) status = ECANCELED;
    if (completion.accepted != kNoHandle) {
      ended_status = status;
    } else {
      completion.status = status;
      completion.more = false;
    }
  }
  return !cancelled_ || !completion.more || completion.accepted != kNoHandle;
}

}  // namespace frameport::iocp
