#ifndef FRAMEPORT_FUZZ_DRIVER_H_
#define FRAMEPORT_FUZZ_DRIVER_H_

#include <memory>
#include <vector>

#include "../native/engine/engine.h"
#include "../native/port.h"
#include "kernel.h"
#include "model.h"
#include "setting.h"
#include "sleeper.h"

namespace frameport::fuzz {

// Runs one episode: an engine on its own port, the user of the engine, and the peers. The model checks every call.
class Driver final : public Sleeper {
 public:
  Driver(Kernel& kernel, Random& random, const Setting& setting, const char* backend);
  ~Driver() override;

  // Runs the whole episode, from the first call until no descriptor is open.
  void run();

 private:
  void make_port(const char* backend);
  void act(Act act);
  bool act_of_peer(Act act);
  void act_on_many(Act act);

  // The calls of the user.
  void listen();
  void close_listener();
  void connect();
  void start(Connection& connection);
  void stop(Connection& connection);
  void close(Connection& connection, bool reset);
  void shut_down(Connection& connection);
  void flush(uint32_t entries, bool release);
  uint32_t fill_arena(uint32_t entries);
  void take_answers(uint32_t entries);
  void send();
  void call_stale();
  uint32_t gather();
  void react(const BatchRecord& record);
  void restart_accepts();

  // Sleeping: while the wait source blocks, `step` makes one step of the rest of the program.
  bool try_sleep();
  void sleep();
  void wait();
  void wait_by_loop();
  bool is_told() { return watched_ != kNoHandle && kernel_.is_readable(static_cast<int>(watched_)); }
  bool step() override;

  // Makes the kernel kind, and requires that a bounded number of gathers completes all work.
  void rest();
  void answer_all_peers();
  void end_by_closing();
  void end_by_stopping();
  void stop_engine();

  Connection* any_connection();
  Stream* any_stream();
  uint32_t any_length() { return random_.between(1, setting_.bytes_most); }

  Kernel& kernel_;
  Random& random_;
  const Setting& setting_;
  std::vector<uint8_t> received_;
  std::vector<BatchRecord> records_;
  std::vector<SendEntry> entries_;
  std::vector<uint8_t> arena_;
  std::vector<uint8_t> large_;
  std::vector<Connection*> entry_of_;  // for each entry of the current flush; null for a stale name
  Counters counters_{};
  std::unique_ptr<Port> port_;
  Handle watched_ = kNoHandle;  // the descriptor of the port that an event loop watches
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Model> model_;
  bool batch_held_ = false;
  uint32_t steps_asleep_ = 0;
};

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_DRIVER_H_
