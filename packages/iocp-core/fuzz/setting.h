#ifndef FRAMEPORT_FUZZ_SETTING_H_
#define FRAMEPORT_FUZZ_SETTING_H_

#include <cstdint>

#include "../native/backends/io_uring/ring_shape.h"
#include "kernel.h"
#include "random.h"

namespace frameport::fuzz {

// The kinds of steps.
enum class Act : uint8_t {
  gather,
  look,
  sleep,
  rest,
  listen,
  close_listener,
  connect,
  start,
  stop,
  flush,
  send,
  shutdown,
  close,
  stale,
  peer_connects,
  peer_sends,
  peer_ends,
  peer_breaks,
  peer_reads,
  peer_answers,
  many_stop,
  many_start,
  many_peers_connect,
  many_peers_send,
  many_peers_end,
  many_close,
};
constexpr uint32_t kActs = 26;

// One episode: the mood of the kernel, all sizes, and the frequency of each act. Episodes without some acts or without
// some faults reach states that an average mixture never reaches (swarm testing: Groce and others 2012).
struct Setting {
  uint32_t steps = 0;
  Mood mood;
  io_uring::RingShape shape{};
  uint32_t buffers = 0;
  uint32_t buffer_bytes = 0;
  uint32_t records = 0;
  uint32_t entries = 0;
  uint32_t arena_bytes = 0;
  uint32_t connections_most = 0;
  uint32_t listeners_most = 0;
  uint32_t bytes_most = 0;
  bool unix_sockets = false;
  uint32_t short_lives = 0;  // one of this many peers sends a byte and ends, in one segment; 0: none
  bool watched_by_loop = false;  // the event loop, not a thread, waits for the port's wake-ups
  uint32_t keeps_ended = 0;  // one of this many connections stays open after the end of its peer; 0: none
  uint32_t weights[kActs] = {};
  uint32_t weight_sum = 0;

  Act any_act(Random& random) const;
};

Setting draw_setting(Random& random, uint32_t steps_most);

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_SETTING_H_
