#include "engine.h"

#include <cerrno>
#include <new>

#include "../base/check.h"

namespace frameport {

namespace {
// Descriptors run out long before; this bounds the requests of a broken caller.
constexpr uint32_t kConnectionsMax = 1u << 24;
constexpr uint32_t kListenersMax = 1u << 16;
}  // namespace

Engine::Engine(Port& port, const EngineMemory& memory)
    : port_(port),
      table_(memory.records, memory.record_count),
      memory_(memory),
      counters_(*memory.counters),
      connections_(kConnectionsMax),
      listeners_(kListenersMax) {
  check(memory.record_count >= 2 * kCompletionsMin, "the batch table has room for a useful batch");
}

Engine::~Engine() = default;

Opened Engine::listen(const Address& address, const ListenOptions& options) {
  ListenerRecord* listener = listeners_.take();
  if (listener == nullptr) return {ENOMEM};
  const int32_t status = port_.listen(listener->socket, address, options);
  if (status != 0) {
    listeners_.give_back(*listener);
    return {status};
  }
  listener->move({ListenerState::free}, ListenerState::listening);
  counters_.listeners++;
  counters_.handles++;
  const int32_t refused = accept_start(listener->slot, listener->generation);
  if (refused == 0) return {0, listener->slot, listener->generation};
  // Rule 2: the failing path frees what it took.
  port_.close(listener->socket);
  free_listener(*listener);
  return {refused};
}

int32_t Engine::accept_start(uint32_t slot, uint32_t generation) {
  ListenerRecord* listener = listeners_.find(slot, generation);
  if (listener == nullptr || listener->is_closing() || listener->accept.in_flight()) return 0;
  const Submitted submitted = port_.submit(listener->accept);
  if (submitted.outcome == SubmitOutcome::refused) return submitted.status;
  counters_.operations_in_flight++;
  return 0;
}

void Engine::close_listener(uint32_t slot, uint32_t generation) {
  ListenerRecord* listener = listeners_.find(slot, generation);
  if (listener == nullptr || listener->is_closing()) return;
  listener->move({ListenerState::listening}, ListenerState::closing);
  if (listener->accept.in_flight()) return port_.cancel(listener->accept);
  finishing_listeners_.push(*listener);
}

void Engine::free_listener(ListenerRecord& listener) {
  listener.move({ListenerState::listening, ListenerState::closing}, ListenerState::free);
  counters_.listeners--;
  counters_.handles--;
  listeners_.give_back(listener);
}

Connection* Engine::take_connection(ConnectionState state) {
  Connection* connection = connections_.take();
  if (connection == nullptr) return nullptr;
  connection->move({ConnectionState::free}, state);
  connection->reading = Reading::stopped;
  connection->sending_end = SendingEnd::none;
  connection->close_status = 0;
  counters_.connections++;
  counters_.handles++;
  return connection;
}

void Engine::free_connection(Connection& connection) {
  delete connection.connect;
  connection.connect = nullptr;
  delete connection.sending;
  connection.sending = nullptr;
  counters_.connections--;
  counters_.handles--;
  connection.move({ConnectionState::connecting, ConnectionState::open, ConnectionState::failing,
                   ConnectionState::closing},
                  ConnectionState::free);
  connections_.give_back(connection);
}

Opened Engine::connect(const Address& address, const SocketOptions& options) {
  Connection* connection = take_connection(ConnectionState::connecting);
  if (connection == nullptr) return {ENOMEM};
  int32_t status = port_.open(connection->socket, address, options);
  if (status == 0) {
    connection->connect = new (std::nothrow) ConnectOperation(connection->socket, connection);
    status = connection->connect == nullptr ? ENOMEM : 0;
    if (status == 0) {
      connection->connect->remote = address;
      const Submitted submitted = port_.submit(*connection->connect);
      check(submitted.outcome != SubmitOutcome::done, "a connect completes through wait");
      if (submitted.outcome == SubmitOutcome::in_flight) {
        connection->operations++;
        counters_.operations_in_flight++;
        return {0, connection->slot, connection->generation};
      }
      status = submitted.status;
    }
    port_.close(connection->socket);
  }
  free_connection(*connection);
  return {status};
}

void Engine::receive_start(uint32_t slot, uint32_t generation) {
  Connection* connection = connections_.find(slot, generation);
  if (connection == nullptr || connection->state != ConnectionState::open) return;
  if (connection->reading == Reading::ended) return;
  connection->reading = Reading::wanted;
  // A cancelled receive that has not completed yet is submitted again when it does.
  if (connection->receive.in_flight()) return;
  submit(*connection, connection->receive);
}

void Engine::receive_stop(uint32_t slot, uint32_t generation) {
  Connection* connection = connections_.find(slot, generation);
  if (connection == nullptr || connection->state != ConnectionState::open) return;
  if (connection->reading == Reading::wanted) connection->reading = Reading::stopped;
  port_.cancel(connection->receive);
}

void Engine::shutdown(uint32_t slot, uint32_t generation) {
  Connection* connection = connections_.find(slot, generation);
  if (connection == nullptr || connection->state != ConnectionState::open) return;
  if (connection->sending_end != SendingEnd::none) return;
  connection->sending_end = SendingEnd::wanted;
  if (connection->queued() == 0) submit_shutdown(*connection);
}

void Engine::submit_shutdown(Connection& connection) {
  check(connection.sending_end == SendingEnd::wanted, "an end is asked of the system once");
  connection.sending_end = SendingEnd::asked;
  const Submitted submitted = port_.submit(connection.shutdown);
  if (submitted.outcome == SubmitOutcome::in_flight) {
    connection.operations++;
    counters_.operations_in_flight++;
  } else {
    shutdown_failed(connection, submitted.status);
  }
}

void Engine::shutdown_failed(Connection& connection, int32_t status) {
  // The connection is gone already; a receive or the close will report why. After another error the peer would wait for
  // an end that never comes.
  if (status == 0 || status == ENOTCONN || status == ECANCELED) return;
  begin_close(connection, status);
}

void Engine::close_connection(uint32_t slot, uint32_t generation, bool reset) {
  Connection* connection = connections_.find(slot, generation);
  if (connection == nullptr || connection->is_closing()) return;
  if (reset) port_.reset_on_close(connection->socket);
  begin_close(*connection, connection->state == ConnectionState::open ? 0 : ECANCELED);
}

bool Engine::submit(Connection& connection, Operation& operation) {
  const Submitted submitted = port_.submit(operation);
  if (submitted.outcome == SubmitOutcome::refused) {
    begin_close(connection, submitted.status);
    return false;
  }
  check(submitted.outcome == SubmitOutcome::in_flight, "receives and queued sends complete through wait");
  connection.operations++;
  counters_.operations_in_flight++;
  return true;
}

void Engine::begin_close(Connection& connection, int32_t status) {
  if (connection.is_closing()) return;
  const bool was_open = connection.state == ConnectionState::open;
  connection.move({ConnectionState::connecting, ConnectionState::open},
                  was_open ? ConnectionState::closing : ConnectionState::failing);
  connection.close_status = status;
  port_.cancel(connection.receive);
  if (connection.connect != nullptr) port_.cancel(*connection.connect);
  if (connection.sending != nullptr) port_.cancel(connection.sending->operation);
  if (connection.operations == 0) finishing_.push(connection);
}

void Engine::finish(Connection& connection) {
  check(connection.operations == 0, "a connection is closed after its last operation");
  port_.close(connection.socket);
  const bool was_open = connection.state == ConnectionState::closing;
  const RecordKind kind = was_open ? RecordKind::closed : RecordKind::connect_failed;
  const uint32_t slot = connection.slot;
  const uint32_t generation = connection.generation;
  const int32_t status = connection.close_status;
  free_connection(connection);
  table_.add(kind, slot, generation).status = status;
}

void Engine::finish_listener(ListenerRecord& listener) {
  port_.close(listener.socket);
  const uint32_t slot = listener.slot;
  const uint32_t generation = listener.generation;
  free_listener(listener);
  table_.add(RecordKind::listener_closed, slot, generation);
}

int32_t Engine::local_address(uint32_t slot, uint32_t generation, Address& address) const {
  const Connection* connection = connections_.find(slot, generation);
  return connection == nullptr ? EBADF : port_.local_address(connection->socket, address);
}

int32_t Engine::remote_address(uint32_t slot, uint32_t generation, Address& address) const {
  const Connection* connection = connections_.find(slot, generation);
  return connection == nullptr ? EBADF : port_.remote_address(connection->socket, address);
}

int32_t Engine::listener_address(uint32_t slot, uint32_t generation, Address& address) const {
  const ListenerRecord* listener = listeners_.find(slot, generation);
  return listener == nullptr ? EBADF : port_.local_address(listener->socket, address);
}

}  // namespace frameport
