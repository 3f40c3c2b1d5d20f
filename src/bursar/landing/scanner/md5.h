/*
 * MD5 (RFC 1321), for keys that tell events apart; nothing here is a secret. Written out because
 * the C library has none and a call into Python for each event would cost more than its decoding.
 */

#ifndef BURSAR_MD5_H
#define BURSAR_MD5_H

#include <stdint.h>
#include <string.h>

typedef struct {
    uint32_t state[4];
    uint64_t length; /* bytes */
    uint8_t block[64];
} Md5;

static const uint32_t MD5_SINES[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

static const uint8_t MD5_SHIFTS[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static inline uint32_t md5_rotate(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

static inline void md5_block(uint32_t state[4], const uint8_t *block) {
    uint32_t words[16], a = state[0], b = state[1], c = state[2], d = state[3];
    for (int word = 0; word < 16; word++)
        words[word] = (uint32_t)block[4 * word] | (uint32_t)block[4 * word + 1] << 8 |
                      (uint32_t)block[4 * word + 2] << 16 | (uint32_t)block[4 * word + 3] << 24;
#define MD5_STEP(mixed, word)                                                             \
    {                                                                                     \
        uint32_t sum = (mixed) + a + MD5_SINES[step] + words[(word) % 16];                \
        a = d, d = c, c = b;                                                              \
        b += md5_rotate(sum, MD5_SHIFTS[step / 16][step % 4]);                            \
    }
    int step = 0;
    for (; step < 16; step++) MD5_STEP((b & c) | (~b & d), step)
    for (; step < 32; step++) MD5_STEP((d & b) | (~d & c), 5 * step + 1)
    for (; step < 48; step++) MD5_STEP(b ^ c ^ d, 3 * step + 5)
    for (; step < 64; step++) MD5_STEP(c ^ (b | ~d), 7 * step)
#undef MD5_STEP
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

static inline void md5_begin(Md5 *hash) {
    static const uint32_t start[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    memcpy(hash->state, start, sizeof start);
    hash->length = 0;
}

static inline void md5_add(Md5 *hash, const void *bytes, size_t length) {
    const uint8_t *at = bytes;
    size_t held = hash->length % 64;
    hash->length += length;
    while (length) {
        size_t part = length < 64 - held ? length : 64 - held;
        memcpy(hash->block + held, at, part);
        at += part;
        length -= part;
        held += part;
        if (held == 64) {
            md5_block(hash->state, hash->block);
            held = 0;
        }
    }
}

static inline void md5_end(Md5 *hash, uint8_t digest[16]) {
    uint64_t bits = hash->length * 8;
    uint8_t tail[8];
    for (int byte = 0; byte < 8; byte++) tail[byte] = (uint8_t)(bits >> 8 * byte);
    static const uint8_t padding[64] = {0x80};
    size_t held = hash->length % 64;
    md5_add(hash, padding, held < 56 ? 56 - held : 120 - held);
    md5_add(hash, tail, 8);
    for (int byte = 0; byte < 16; byte++)
        digest[byte] = (uint8_t)(hash->state[byte / 4] >> 8 * (byte % 4));
}

#endif
