/*
 * The columns of a chunk's events, and the keys that tell events apart. bursar.landing.events makes
 * the same of events that are collected in Python.
 */

#ifndef BURSAR_COLUMNS_H
#define BURSAR_COLUMNS_H

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "json.h"
#include "md5.h"
#include "vectors.h"

enum { SHAPES_MAX = 1 << 12 };

/* A text that may be absent; the bits say which are there. */
typedef struct {
    Texts texts;
    Vector bits;
} OptionalTexts;

typedef struct {
    Vector positions;        /* int64: the event's line in the chunk */
    Texts transaction_ids;
    Texts customer_ids;
    Texts event_types;
    Vector timestamps;       /* int64: microseconds since 1970 in UTC */
    Vector property_offsets; /* int32: where each event's properties end */
    Texts keys;              /* of the properties without a column of their own, sorted */
    Texts values;
    Vector transaction_keys; /* 16 bytes each */
    Vector content_keys;     /* 16 bytes each */
    Vector shapes;           /* int32: which of shape_rows has the same type and property names */
    Vector shape_rows;       /* int64: the first event of each shape */
    int64_t promoted_count;
    OptionalTexts *promoted; /* one column each */
    Texts promoted_names;    /* sorted by their bytes */
    uint64_t shape_hashes[SHAPES_MAX];
    int32_t shape_numbers[SHAPES_MAX];
} Columns;

typedef struct {
    Span transaction_id;
    Span customer_id;
    Span event_type;
    Span timestamp;
    int has_properties;
    int property_count;
} Event;

static inline void hash_number(Md5 *hash, int64_t value) {
    char text[24], *at = text + sizeof text;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    *--at = ':';
    do *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0) *--at = '-';
    md5_add(hash, at, (size_t)(text + sizeof text - at));
}

static inline void hash_text(Md5 *hash, Span text) {
    hash_number(hash, text.length);
    md5_add(hash, text.start, (size_t)text.length);
}

static inline int append_keys(Columns *columns, const Event *event, const Property *properties,
                       int64_t instant) {
    uint8_t digest[16];
    Md5 hash;
    md5_begin(&hash);
    md5_add(&hash, event->transaction_id.start, (size_t)event->transaction_id.length);
    md5_end(&hash, digest);
    if (append(&columns->transaction_keys, digest, 16)) return -1;
    md5_begin(&hash);
    hash_text(&hash, event->customer_id);
    hash_text(&hash, event->event_type);
    hash_number(&hash, instant);
    for (int place = 0; place < event->property_count; place++) {
        hash_text(&hash, properties[place].key);
        hash_text(&hash, properties[place].value);
    }
    md5_end(&hash, digest);
    return append(&columns->content_keys, digest, 16);
}

static inline uint64_t mix(uint64_t hash, Span text) {
    for (int64_t place = 0; place < text.length; place++)
        hash = (hash ^ text.start[place]) * 0x100000001B3;
    return (hash ^ (uint64_t)text.length) * 0x9E3779B97F4A7C15;
}

/* Few distinct lists of names stand for many events. Past SHAPES_MAX / 2 each event is its own. */
static inline int append_shape(Columns *columns, const Event *event, const Property *properties,
                        int64_t row) {
    uint64_t hash = mix(0xCBF29CE484222325, event->event_type);
    for (int place = 0; place < event->property_count; place++)
        hash = mix(hash, properties[place].key);
    hash |= 1; /* 0 is a free slot */
    int64_t known = columns->shape_rows.length / 8;
    if (known < SHAPES_MAX / 2) {
        uint64_t slot = hash >> 40;
        for (;; slot++) {
            slot &= SHAPES_MAX - 1;
            if (columns->shape_hashes[slot] == hash)
                return append_int32(&columns->shapes, columns->shape_numbers[slot]);
            if (!columns->shape_hashes[slot]) break;
        }
        columns->shape_hashes[slot] = hash;
        columns->shape_numbers[slot] = (int32_t)known;
    }
    if (append_int64(&columns->shape_rows, row)) return -1;
    return append_int32(&columns->shapes, (int32_t)known);
}

static inline int append_optional(OptionalTexts *column, int64_t row, Span value) {
    if (row % 8 == 0 && append(&column->bits, "", 1)) return -1;
    if (value.start) column->bits.data[row / 8] |= (uint8_t)(1 << row % 8);
    return append_text(&column->texts, value);
}

/* Properties and promoted names are both sorted, so one walk splits them. */
static inline Span text_at(const Texts *texts, int64_t place) {
    const int32_t *offsets = (const int32_t *)texts->offsets.data;
    return (Span){texts->bytes.data + offsets[place], offsets[place + 1] - offsets[place]};
}

static inline int append_absent(Columns *columns, int64_t column, int64_t row) {
    return append_optional(&columns->promoted[column], row, (Span){NULL, 0});
}

static inline int append_properties(Columns *columns, const Property *properties, int count, int64_t row) {
    int64_t column = 0;
    for (int place = 0; place < count; place++) {
        int order = -1;
        while (column < columns->promoted_count) {
            order = compare_spans(properties[place].key, text_at(&columns->promoted_names, column));
            if (order <= 0) break;
            if (append_absent(columns, column++, row)) return -1;
        }
        if (column < columns->promoted_count && order == 0) {
            if (append_optional(&columns->promoted[column++], row, properties[place].value))
                return -1;
        } else {
            if (append_text(&columns->keys, properties[place].key)) return -1;
            if (append_text(&columns->values, properties[place].value)) return -1;
        }
    }
    while (column < columns->promoted_count)
        if (append_absent(columns, column++, row)) return -1;
    return append_int32(&columns->property_offsets, (int32_t)(columns->keys.offsets.length / 4 - 1));
}

static inline int append_event(Columns *columns, const Event *event, const Property *properties,
                        int64_t instant, int64_t position) {
    int64_t row = columns->positions.length / 8;
    if (append_int64(&columns->positions, position)) return -1;
    if (append_text(&columns->transaction_ids, event->transaction_id)) return -1;
    if (append_text(&columns->customer_ids, event->customer_id)) return -1;
    if (append_text(&columns->event_types, event->event_type)) return -1;
    if (append_int64(&columns->timestamps, instant)) return -1;
    if (append_keys(columns, event, properties, instant)) return -1;
    if (append_shape(columns, event, properties, row)) return -1;
    return append_properties(columns, properties, event->property_count, row);
}

#endif
