#include "points.h"

#include <atomic>
#include <cstring>

namespace frameport::injection {

namespace {

constexpr const char* kNames[] = {
    "listen",
    "open",
    "associate",
    "submit accept",
    "submit connect",
    "submit receive",
    "submit send",
    "submit shutdown",
    "try_send without room",
    "try_send in part",
    "allocation",
    "threadsafe function",
    "thread",
    "descriptor",
    "socket",
    "accept",
    "receive",
    "send",
    "watch",
    "map",
    "ring setup",
    "ring register",
    "ring enter",
    "connect",
    "cancel",
    "layered provider",
    "wine",
};
static_assert(sizeof kNames / sizeof kNames[0] == kPoints, "every point has a name");

constexpr uint32_t kNone = kPoints;

// Workers reach points, too.
std::atomic<uint32_t> armed_first{0};
std::atomic<uint32_t> armed_last{0};
std::atomic<uint32_t> reached_points{0};
std::atomic<uint32_t> failed_kind{kNone};
std::atomic<uint32_t> reached_kinds[kPoints];
// How many points of each kind will still fail.
std::atomic<uint32_t> armed_kinds[kPoints];

bool takes_one(std::atomic<uint32_t>& left) {
  uint32_t count = left;
  while (count > 0) {
    if (left.compare_exchange_weak(count, count - 1)) return true;
  }
  return false;
}

}  // namespace

const char* name_of(Point point) { return kNames[static_cast<uint32_t>(point)]; }

void disarm() {
  armed_first = 0;
  armed_last = 0;
  for (std::atomic<uint32_t>& kind : armed_kinds) kind = 0;
}

bool arm_kind(const char* name, uint32_t count) {
  for (uint32_t kind = 0; kind < kPoints; kind++) {
    if (std::strcmp(kNames[kind], name) != 0) continue;
    armed_kinds[kind] = count;
    return true;
  }
  return false;
}

void arm(uint32_t first, uint32_t last) {
  disarm();
  reached_points = 0;
  failed_kind = kNone;
  for (std::atomic<uint32_t>& kind : reached_kinds) kind = 0;
  armed_last = last;
  armed_first = first;
}

bool fails(Point point) {
  const uint32_t number = ++reached_points;
  reached_kinds[static_cast<uint32_t>(point)]++;
  const bool by_number = number >= armed_first && number <= armed_last;
  if (!by_number && !takes_one(armed_kinds[static_cast<uint32_t>(point)])) return false;
  uint32_t none = kNone;
  failed_kind.compare_exchange_strong(none, static_cast<uint32_t>(point));
  return true;
}

uint32_t reached(Point point) { return reached_kinds[static_cast<uint32_t>(point)]; }

const char* first_failed() {
  const uint32_t kind = failed_kind;
  return kind == kNone ? nullptr : kNames[kind];
}

}  // namespace frameport::injection
