#ifndef FRAMEPORT_INJECTION_INJECTING_PORT_H_
#define FRAMEPORT_INJECTION_INJECTING_PORT_H_

#include <atomic>
#include <memory>

#include "../../port.h"

namespace frameport::injection {

// A layer between the engine and any back end, which refuses the calls that are armed to fail. Answers of the back end
// pass through unchanged.
class InjectingPort final : public Port {
 public:
  // Takes the port over.
  explicit InjectingPort(Port* port) : port_(port) { open_ports++; }
  ~InjectingPort() override { open_ports--; }
  InjectingPort(const InjectingPort&) = delete;
  InjectingPort& operator=(const InjectingPort&) = delete;

  // The count for all threads of this process.
  static std::atomic<uint32_t> open_ports;

  const char* name() const override { return port_->name(); }
  int32_t listen(Socket& socket, const Address& address, const ListenOptions& options) override;
  int32_t open(Socket& socket, const Address& address, const SocketOptions& options) override;
  int32_t associate(Socket& socket, Handle accepted) override;
  Submitted submit(Operation& operation) override;
  void try_send(SendAttempt* attempts, size_t count) override;
  void cancel(Operation& operation) override { port_->cancel(operation); }
  size_t wait(Completion* completions, size_t capacity) override { return port_->wait(completions, capacity); }
  bool has_ready() const override { return port_->has_ready(); }
  bool try_sleep() override { return port_->try_sleep(); }
  void await_ready() override { port_->await_ready(); }
  void release(uint32_t buffer) override { port_->release(buffer); }
  void reset_on_close(Socket& socket) override { port_->reset_on_close(socket); }
  void close(Socket& socket) override { port_->close(socket); }
  void discard(Handle accepted) override { port_->discard(accepted); }
  int32_t local_address(const Socket& socket, Address& address) const override {
    return port_->local_address(socket, address);
  }
  int32_t remote_address(const Socket& socket, Address& address) const override {
    return port_->remote_address(socket, address);
  }
  WaitSource& wait_source() override { return port_->wait_source(); }

 private:
  void try_send_once(SendAttempt& attempt);

  const std::unique_ptr<Port> port_;
};

}  // namespace frameport::injection

#endif  // FRAMEPORT_INJECTION_INJECTING_PORT_H_
