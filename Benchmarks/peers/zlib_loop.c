// What zlib alone costs: inflates a message and deflates it again, over and over, with both contexts
// kept, as an echo server under permessage-deflate has to. What a client would have sent is made
// beforehand, so that nothing else runs in between.
//
// zlib_loop FILE LEVEL SECONDS    prints the CPU time of one message in nanoseconds, and messages per second

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

enum { LIMIT = 1 << 18, COUNT = 32 };

static unsigned char message[LIMIT], packed[COUNT][2 * LIMIT], unpacked[LIMIT], repacked[2 * LIMIT];
static size_t lengths[COUNT];

static double seconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static size_t flush_deflate(z_stream *stream, unsigned char *from, size_t count, unsigned char *to) {
  stream->next_in = from;
  stream->avail_in = count;
  stream->next_out = to;
  stream->avail_out = 2 * LIMIT;
  deflate(stream, Z_SYNC_FLUSH);
  return 2 * LIMIT - stream->avail_out;
}

int main(int argc, char **argv) {
  FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
  if (!file) {
    fprintf(stderr, "usage: zlib_loop FILE LEVEL SECONDS\n");
    return 2;
  }
  size_t count = fread(message, 1, LIMIT, file);
  int level = atoi(argv[2]);
  z_stream client = {0}, inflater = {0}, deflater = {0};
  deflateInit2(&client, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  inflateInit2(&inflater, -15);
  deflateInit2(&deflater, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  for (int i = 0; i < COUNT; i++) lengths[i] = flush_deflate(&client, message, count, packed[i]);

  double before = seconds(CLOCK_PROCESS_CPUTIME_ID), end = seconds(CLOCK_MONOTONIC) + atof(argv[3]);
  long messages = 0;
  while (seconds(CLOCK_MONOTONIC) < end) {
    inflateReset(&inflater);
    for (int i = 0; i < COUNT; i++, messages++) {
      inflater.next_in = packed[i];
      inflater.avail_in = lengths[i];
      inflater.next_out = unpacked;
      inflater.avail_out = LIMIT;
      inflate(&inflater, Z_SYNC_FLUSH);
      flush_deflate(&deflater, unpacked, LIMIT - inflater.avail_out, repacked);
    }
    if (memcmp(message, unpacked, count)) abort();
  }
  double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - before;
  printf("%.0f ns, %.0f/s\n", cpu / messages * 1e9, messages / cpu);
  return 0;
}
