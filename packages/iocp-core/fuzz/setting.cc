#include "setting.h"

#include <algorithm>

namespace frameport::fuzz {

namespace {

struct Weight {
  Act act;
  uint32_t usual;
};

constexpr Weight kWeights[] = {
    {Act::gather, 200},       {Act::look, 120},        {Act::sleep, 40},        {Act::rest, 5},
    {Act::listen, 6},         {Act::close_listener, 2}, {Act::connect, 25},     {Act::start, 40},
    {Act::stop, 40},          {Act::flush, 70},        {Act::send, 25},         {Act::shutdown, 12},
    {Act::close, 25},         {Act::stale, 6},         {Act::peer_connects, 50}, {Act::peer_sends, 120},
    {Act::peer_ends, 25},     {Act::peer_breaks, 12},  {Act::peer_reads, 70},   {Act::peer_answers, 30},
    {Act::many_stop, 12},     {Act::many_start, 14},    {Act::many_peers_connect, 8}, {Act::many_peers_send, 6},
    {Act::many_peers_end, 3}, {Act::many_close, 2},
};
static_assert(sizeof kWeights / sizeof kWeights[0] == kActs, "every act has a weight");

Mood draw_mood(Random& random) {
  Mood mood;
  uint32_t* rates[] = {&mood.late,       &mood.short_reads,   &mood.short_writes,  &mood.again,
                       &mood.not_cancelled, &mood.ends_early, &mood.refused_enter, &mood.partial_enter,
                       &mood.late_sends, &mood.slow_cancel,   &mood.accept_fault,  &mood.old_marks};
  for (uint32_t* rate : rates) {
    if (random.one_in(3)) *rate = 0;
    else if (random.one_in(4)) *rate = std::max(2u, *rate / 4);
  }
  if (random.one_in(4)) mood.refused_watch = random.between(10, 60);
  if (random.one_in(4)) mood.memory_refused = random.between(10, 60);
  if (random.one_in(10)) mood.lost = random.between(2, 40);
  mood.room_most = 1u << random.between(0, 15);
  mood.incremental = random.one_in(2);
  return mood;
}

io_uring::RingShape draw_shape(Random& random) {
  // The shape that ships, the shape of the variant `small-ring`, or a random one.
  if (random.one_in(6)) return {128, 1024, 512 * 1024, true, 4096};
  if (random.one_in(5)) return {4, 8, 4096, false, 1024};
  const uint32_t submissions = 1u << random.between(1, 6);
  const uint32_t completions = submissions << random.between(1, 4);
  return {submissions, completions, 1u << random.between(8, 16), !random.one_in(3), 1u << random.between(6, 11)};
}

// Many connections stop and start to receive all the time while short ones come and go, and the submission queue is far
// too small. So the lists inside the port stay long for many gathers, and slots are reused meanwhile.
void make_crowded(Setting& setting, Random& random) {
  setting.connections_most = 300;
  setting.shape.submissions = 1u << random.between(1, 3);
  setting.shape.completions = setting.shape.submissions << random.between(1, 5);
  setting.short_lives = random.between(1, 2);
  setting.keeps_ended = 0;
  setting.bytes_most = std::min(setting.bytes_most, 64u);
  constexpr Act kOften[] = {Act::many_stop, Act::many_start, Act::many_peers_connect, Act::peer_connects};
  for (const Act act : kOften) setting.weights[static_cast<uint32_t>(act)] = 300;
  setting.weights[static_cast<uint32_t>(Act::gather)] = 1500;
}

}  // namespace

Act Setting::any_act(Random& random) const {
  uint32_t drawn = random.below(weight_sum);
  for (uint32_t act = 0;; act++) {
    if (drawn < weights[act]) return static_cast<Act>(act);
    drawn -= weights[act];
  }
}

Setting draw_setting(Random& random, uint32_t steps_most) {
  Setting setting;
  setting.steps = std::min(steps_most, random.between(100, 3000));
  setting.mood = draw_mood(random);
  setting.shape = draw_shape(random);
  setting.buffer_bytes = 1u << random.between(8, 17);
  setting.buffers = 1u << random.between(1, setting.buffer_bytes > 16384 ? 3 : 5);
  setting.records = random.one_in(3) ? 1024 : random.between(64, 200);
  setting.entries = random.one_in(3) ? 2048 : random.between(4, 128);
  setting.arena_bytes = 1u << random.between(10, 16);
  constexpr uint32_t kConnections[] = {1, 4, 16, 64, 300};
  setting.connections_most = random.any(kConnections);
  setting.listeners_most = random.between(1, 3);
  setting.bytes_most = 1u << random.between(0, 13);
  setting.unix_sockets = random.one_in(4);
  setting.watched_by_loop = random.one_in(2);
  constexpr uint32_t kRates[] = {0, 1, 2, 8};
  setting.short_lives = random.any(kRates);
  setting.keeps_ended = random.any(kRates);
  for (const Weight& weight : kWeights) {
    uint32_t& drawn = setting.weights[static_cast<uint32_t>(weight.act)];
    const bool needed = weight.act == Act::gather || weight.act == Act::listen || weight.act == Act::rest;
    drawn = weight.usual * 4;
    if (!needed && random.one_in(6)) drawn = 0;
    else if (random.one_in(4)) drawn = weight.usual * random.between(1, 16);
  }
  if (random.one_in(4)) make_crowded(setting, random);
  for (const uint32_t weight : setting.weights) setting.weight_sum += weight;
  return setting;
}

}  // namespace frameport::fuzz
