// What a gather does with the records of a batch.
#include "engine/batch_table.h"

#include "measured.h"

namespace {

constexpr uint32_t kRecordsOfRound = 64;
frameport::BatchRecord records[kRecordsOfRound];

}  // namespace

void measured(uint32_t rounds) {
  frameport::BatchTable table(records, kRecordsOfRound);
  for (uint32_t round = 0; round < rounds; round++) {
    table.reset();
    while (table.room() > 0) {
      frameport::BatchRecord& record =
          table.add(frameport::RecordKind::received, table.count(), static_cast<uint32_t>(round & 0xff));
      record.offset = table.count() * 4096;
      record.length = 96;
    }
    if (records[kRecordsOfRound - 1].length != 96) fail("a record is missing");
  }
}
