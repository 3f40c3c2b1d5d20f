/*
 * Vectors that grow, and texts in them as Arrow lays them out: what Python reads as buffers.
 *
 * Without memory an append returns -1 and leaves the vector as it was.
 */

#ifndef BURSAR_VECTORS_H
#define BURSAR_VECTORS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t *data;
    int64_t length; /* bytes */
    int64_t capacity;
} Vector;

static inline int reserve(Vector *vector, int64_t more) {
    int64_t needed = vector->length + more;
    if (needed <= vector->capacity) return 0;
    int64_t capacity = vector->capacity ? vector->capacity : 4096;
    while (capacity < needed) capacity *= 2;
    uint8_t *data = realloc(vector->data, (size_t)capacity);
    if (!data) return -1;
    vector->data = data;
    vector->capacity = capacity;
    return 0;
}

static inline int append(Vector *vector, const void *bytes, int64_t length) {
    if (reserve(vector, length)) return -1;
    if (length) memcpy(vector->data + vector->length, bytes, (size_t)length);
    vector->length += length;
    return 0;
}

static inline int append_int64(Vector *vector, int64_t value) { return append(vector, &value, 8); }
static inline int append_int32(Vector *vector, int32_t value) { return append(vector, &value, 4); }

/* Texts one after another, and where each ends. Offsets begin with a 0. */
typedef struct {
    Vector offsets; /* int32 */
    Vector bytes;
} Texts;

typedef struct {
    const uint8_t *start;
    int64_t length;
} Span;

static inline int append_text(Texts *texts, Span span) {
    if (append(&texts->bytes, span.start, span.length)) return -1;
    if (texts->bytes.length > INT32_MAX) return -1;
    return append_int32(&texts->offsets, (int32_t)texts->bytes.length);
}

static inline int begin_texts(Texts *texts) { return append_int32(&texts->offsets, 0); }

static inline void free_texts(Texts *texts) {
    free(texts->offsets.data);
    free(texts->bytes.data);
}

#endif
