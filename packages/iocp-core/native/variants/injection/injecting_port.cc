#include "injecting_port.h"

#include <cerrno>

#include "failed_associate.h"
#include "points.h"

namespace frameport::injection {

namespace {

Point point_of(OperationKind kind) {
  switch (kind) {
    case OperationKind::accept:
      return Point::submit_accept;
    case OperationKind::connect:
      return Point::submit_connect;
    case OperationKind::receive:
      return Point::submit_receive;
    case OperationKind::send:
      return Point::submit_send;
    case OperationKind::shutdown:
      break;
  }
  return Point::submit_shutdown;
}

}  // namespace

std::atomic<uint32_t> InjectingPort::open_ports{0};

int32_t InjectingPort::listen(Socket& socket, const Address& address, const ListenOptions& options) {
  return fails(Point::listen) ? EMFILE : port_->listen(socket, address, options);
}

int32_t InjectingPort::open(Socket& socket, const Address& address, const SocketOptions& options) {
  return fails(Point::open) ? EMFILE : port_->open(socket, address, options);
}

int32_t InjectingPort::associate(Socket& socket, Handle accepted) {
  if (!fails(Point::associate)) return port_->associate(socket, accepted);
  close_failed(*port_, accepted);
  return ENOBUFS;
}

Submitted InjectingPort::submit(Operation& operation) {
  // Rule 2: refused, so nobody has seen the record, and the caller has it.
  if (fails(point_of(operation.kind))) return {SubmitOutcome::refused, ENOBUFS};
  return port_->submit(operation);
}

void InjectingPort::try_send(SendAttempt* attempts, size_t count) {
  for (size_t index = 0; index < count; index++) try_send_once(attempts[index]);
}

void InjectingPort::try_send_once(SendAttempt& attempt) {
  // Simulates a kernel without any room: the answer is already there.
  if (fails(Point::try_send_without_room)) return;
  if (!fails(Point::try_send_in_part)) return port_->try_send(&attempt, 1);
  // Simulates room for half of the first part. With one byte that is no room.
  const SendPart half{attempt.parts[0].bytes, attempt.parts[0].length / 2};
  if (half.length == 0) return;
  SendAttempt part = attempt;
  part.parts = &half;
  part.part_count = 1;
  port_->try_send(&part, 1);
  attempt.length = part.length;
  attempt.status = part.status;
}

}  // namespace frameport::injection
