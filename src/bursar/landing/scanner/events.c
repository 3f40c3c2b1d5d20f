/*
 * The fast way for the common line of NDJSON: text to the columns of an Arrow table.
 *
 * Owns the decoding of plain event lines: an object of the five known fields, each once, whose
 * strings have no escapes and whose properties are strings, numbers, booleans and nulls. It only
 * ever says yes. Every other line, and every plain one that breaks a rule, is left over, and
 * bursar.landing.lines, which owns the rules, decides it; a property test holds that both say the
 * same.
 *
 * Nothing here trusts its input: each read is checked against the line's end, each write goes
 * through a vector that grows.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "instants.h"
#include "json.h"

static int is_name(Span span, const char *name) {
    return span.length == (int64_t)strlen(name) && !memcmp(span.start, name, (size_t)span.length);
}

static int take_field(Cursor *cursor, Event *event, Property *properties) {
    Span name;
    if (!take_string(cursor, &name) || !take_between_spaces(cursor, ':')) return 0;
    if (is_name(name, "properties")) {
        if (event->has_properties) return 0;
        event->has_properties = 1;
        return take_properties(cursor, properties, &event->property_count);
    }
    Span *field = is_name(name, "transaction_id") ? &event->transaction_id
                  : is_name(name, "customer_id")  ? &event->customer_id
                  : is_name(name, "event_type")   ? &event->event_type
                  : is_name(name, "timestamp")    ? &event->timestamp
                                                  : NULL;
    return field && !field->start && take_string(cursor, field);
}

static int fits(Span field) {
    return field.start && field.length && field.length <= FIELD_BYTES_MAX;
}

static int take_event(Cursor *cursor, Event *event, Property *properties) {
    *event = (Event){0};
    if (!take_between_spaces(cursor, '{')) return 0;
    do {
        skip_space(cursor);
        if (!take_field(cursor, event, properties)) return 0;
        skip_space(cursor);
    } while (take(cursor, ','));
    if (!take(cursor, '}')) return 0;
    skip_space(cursor);
    return cursor->at == cursor->end && fits(event->transaction_id) && fits(event->customer_id) &&
           fits(event->event_type) && event->timestamp.start;
}

void bursar_columns_free(Columns *columns) {
    if (!columns) return;
    Vector *vectors[] = {&columns->positions,        &columns->timestamps,   &columns->property_offsets,
                         &columns->shapes,       &columns->shape_rows,   &columns->content_keys,
                         &columns->transaction_keys};
    for (size_t place = 0; place < sizeof vectors / sizeof *vectors; place++)
        free(vectors[place]->data);
    free_texts(&columns->transaction_ids);
    free_texts(&columns->customer_ids);
    free_texts(&columns->event_types);
    free_texts(&columns->keys);
    free_texts(&columns->values);
    free_texts(&columns->promoted_names);
    for (int64_t place = 0; columns->promoted && place < columns->promoted_count; place++) {
        free_texts(&columns->promoted[place].texts);
        free(columns->promoted[place].bits.data);
    }
    free(columns->promoted);
    free(columns);
}

/* Texts are handed over one after another, with the int64 end of each. */
static int append_packed(Texts *texts, const uint8_t *bytes, const int64_t *ends, int64_t count) {
    int failed = begin_texts(texts);
    for (int64_t place = 0, start = 0; !failed && place < count; start = ends[place++])
        failed = append_text(texts, (Span){bytes + start, ends[place] - start});
    return failed;
}

/* The promoted names are sorted by their bytes. NULL without memory. */
Columns *bursar_columns_new(const uint8_t *names, const int64_t *name_ends, int64_t name_count) {
    Columns *columns = calloc(1, sizeof(Columns));
    if (!columns) return NULL;
    columns->promoted = calloc((size_t)name_count + 1, sizeof(OptionalTexts));
    int failed = !columns->promoted || append_int32(&columns->property_offsets, 0) ||
                 append_packed(&columns->promoted_names, names, name_ends, name_count) ||
                 begin_texts(&columns->transaction_ids) || begin_texts(&columns->customer_ids) ||
                 begin_texts(&columns->event_types) || begin_texts(&columns->keys) ||
                 begin_texts(&columns->values);
    columns->promoted_count = columns->promoted ? name_count : 0;
    for (int64_t place = 0; !failed && place < name_count; place++)
        failed = begin_texts(&columns->promoted[place].texts);
    if (!failed) return columns;
    bursar_columns_free(columns);
    return NULL;
}

/*
 * Decodes a block's lines, whose positions begin with `start`: spans are pairs of int64 into the
 * block; bounds are both included. The lines that are not decided are left over, int64 in the
 * block; there is room for all. Returns how many they are, or -1.
 */
int64_t bursar_scan(Columns *columns, const uint8_t *block, const int64_t *spans,
                    int64_t line_count, int64_t start, int64_t earliest, int64_t latest,
                    int64_t *left_over) {
    Property *properties = malloc(PROPERTIES_MAX * sizeof(Property));
    if (!properties) return -1;
    int64_t left_over_count = 0;
    for (int64_t line = 0; line < line_count; line++) {
        Cursor cursor = {block + spans[2 * line], block + spans[2 * line + 1]};
        Event event;
        int64_t instant;
        if (!take_event(&cursor, &event, properties) || !read_instant(event.timestamp, &instant) ||
            instant < earliest || instant > latest) {
            left_over[left_over_count++] = line;
        } else if (append_event(columns, &event, properties, instant, start + line)) {
            left_over_count = -1;
            break;
        }
    }
    free(properties);
    return left_over_count;
}

/*
 * Adds an event that was decided elsewhere. Its texts are handed over one after another: the
 * transaction, customer and type, then each property's name and value. Returns 0, or -1.
 */
int bursar_append(Columns *columns, const uint8_t *texts, const int64_t *ends,
                  int64_t property_count, int64_t instant, int64_t position) {
    Property *properties = malloc(((size_t)property_count + 1) * sizeof(Property));
    if (!properties) return -1;
    for (int64_t place = 0; place < property_count; place++) {
        const int64_t *own = ends + 3 + 2 * place;
        properties[place].key = (Span){texts + own[-1], own[0] - own[-1]};
        properties[place].value = (Span){texts + own[0], own[1] - own[0]};
    }
    Event event = {.transaction_id = {texts, ends[0]},
                   .customer_id = {texts + ends[0], ends[1] - ends[0]},
                   .event_type = {texts + ends[1], ends[2] - ends[1]},
                   .property_count = (int)property_count};
    int failed = !sort_properties(properties, (int)property_count) ||
                 append_event(columns, &event, properties, instant, position);
    free(properties);
    return failed ? -1 : 0;
}
