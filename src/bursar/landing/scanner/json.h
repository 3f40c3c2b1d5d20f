/*
 * JSON, of the plain kind: strings without escapes, numbers, words, and one flat object of them.
 *
 * Each function takes what it finds at the cursor, and returns 0 where it does not find it or where
 * only the exact way can say what it is. Nothing is read at or past the cursor's end.
 */

#ifndef BURSAR_JSON_H
#define BURSAR_JSON_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

enum { FIELD_BYTES_MAX = 128, PROPERTIES_MAX = 2000 };

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} Cursor;

static inline void skip_space(Cursor *cursor) {
    while (cursor->at < cursor->end) {
        uint8_t byte = *cursor->at;
        if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n') return;
        cursor->at++;
    }
}

static inline int take(Cursor *cursor, uint8_t byte) {
    if (cursor->at == cursor->end || *cursor->at != byte) return 0;
    cursor->at++;
    return 1;
}

static inline int take_between_spaces(Cursor *cursor, uint8_t byte) {
    skip_space(cursor);
    if (!take(cursor, byte)) return 0;
    skip_space(cursor);
    return 1;
}

/* How many bytes the UTF-8 character at the cursor has; 0 if it is none. As strict as Python. */
static inline int character_length(const uint8_t *at, const uint8_t *end) {
    uint8_t first = at[0];
    int length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (!length || first > 0xF4 || end - at < length) return 0;
    for (int place = 1; place < length; place++)
        if ((at[place] & 0xC0) != 0x80) return 0;
    if (first == 0xE0 && at[1] < 0xA0) return 0; /* longer than it need be */
    if (first == 0xED && at[1] > 0x9F) return 0; /* a surrogate */
    if (first == 0xF0 && at[1] < 0x90) return 0;
    if (first == 0xF4 && at[1] > 0x8F) return 0; /* beyond U+10FFFF */
    return length;
}

static inline int take_string(Cursor *cursor, Span *span) {
    if (!take(cursor, '"')) return 0;
    const uint8_t *start = cursor->at, *at = start;
    while (at < cursor->end) {
        uint8_t byte = *at;
        if (byte == '"') {
            *span = (Span){start, at - start};
            cursor->at = at + 1;
            return 1;
        }
        if (byte < 0x20 || byte == '\\') return 0;
        if (byte < 0x80) {
            at++;
        } else {
            int length = character_length(at, cursor->end);
            if (!length) return 0;
            at += length;
        }
    }
    return 0;
}

static inline int take_digits(Cursor *cursor) {
    const uint8_t *start = cursor->at;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') cursor->at++;
    return cursor->at > start;
}

static inline int take_number(Cursor *cursor, Span *span) {
    const uint8_t *start = cursor->at;
    take(cursor, '-');
    if (!take(cursor, '0') && !take_digits(cursor)) return 0;
    if (take(cursor, '.') && !take_digits(cursor)) return 0;
    if (take(cursor, 'e') || take(cursor, 'E')) {
        if (!take(cursor, '+')) take(cursor, '-');
        if (!take_digits(cursor)) return 0;
    }
    *span = (Span){start, cursor->at - start};
    return 1;
}

static inline int take_word(Cursor *cursor, const char *word, Span *span) {
    int64_t length = (int64_t)strlen(word);
    if (cursor->end - cursor->at < length || memcmp(cursor->at, word, (size_t)length)) return 0;
    *span = (Span){cursor->at, length};
    cursor->at += length;
    return 1;
}

typedef struct {
    Span key;
    Span value;
} Property;

/* One property's text; a null is none, and leaves `is_null` set. */
static inline int take_value(Cursor *cursor, Span *value, int *is_null) {
    *is_null = 0;
    if (cursor->at == cursor->end) return 0;
    switch (*cursor->at) {
        case '"': return take_string(cursor, value);
        case 't': return take_word(cursor, "true", value);
        case 'f': return take_word(cursor, "false", value);
        case 'n': *is_null = 1; return take_word(cursor, "null", value);
        default: return take_number(cursor, value);
    }
}

static inline int compare_spans(Span left, Span right) {
    int64_t shorter = left.length < right.length ? left.length : right.length;
    int order = memcmp(left.start, right.start, (size_t)shorter);
    if (order) return order;
    return left.length < right.length ? -1 : left.length > right.length;
}

static inline int compare_keys(const void *left, const void *right) {
    return compare_spans(((const Property *)left)->key, ((const Property *)right)->key);
}

/* Sorted by their names' bytes; 0 if a name stands twice. */
static inline int sort_properties(Property *properties, int count) {
    if (count > 24) {
        qsort(properties, (size_t)count, sizeof(Property), compare_keys);
    } else {
        for (int next = 1; next < count; next++) {
            Property moving = properties[next];
            int place = next;
            for (; place && compare_spans(properties[place - 1].key, moving.key) > 0; place--)
                properties[place] = properties[place - 1];
            properties[place] = moving;
        }
    }
    for (int next = 1; next < count; next++)
        if (!compare_keys(&properties[next - 1], &properties[next])) return 0;
    return 1;
}

/* Names that stand twice are found among all members, so nulls are dropped after the sort. */
static inline int take_properties(Cursor *cursor, Property *properties, int *count) {
    int taken = 0;
    if (!take_between_spaces(cursor, '{')) return 0;
    if (!take(cursor, '}')) {
        do {
            skip_space(cursor);
            if (taken == PROPERTIES_MAX) return 0;
            Property *property = &properties[taken];
            int is_null;
            if (!take_string(cursor, &property->key)) return 0;
            if (!property->key.length || property->key.length > FIELD_BYTES_MAX) return 0;
            if (!take_between_spaces(cursor, ':')) return 0;
            if (!take_value(cursor, &property->value, &is_null)) return 0;
            if (is_null) property->value.start = NULL;
            taken++;
            skip_space(cursor);
        } while (take(cursor, ','));
        if (!take(cursor, '}')) return 0;
    }
    if (!sort_properties(properties, taken)) return 0;
    *count = 0;
    for (int place = 0; place < taken; place++)
        if (properties[place].value.start) properties[(*count)++] = properties[place];
    return 1;
}

#endif
