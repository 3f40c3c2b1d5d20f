/* Rows of Arrow's texts and maps in another order. */

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "vectors.h"

static Span arrow_text(const int32_t *offsets, const uint8_t *bytes, int64_t row) {
    return (Span){bytes + offsets[row], offsets[row + 1] - offsets[row]};
}

/* The texts of the rows, in their order. Returns 0, or -1. */
int bursar_take_texts(Texts *taken, const int32_t *offsets, const uint8_t *bytes,
                      const int64_t *rows, int64_t row_count) {
    int failed = begin_texts(taken);
    for (int64_t place = 0; !failed && place < row_count; place++)
        failed = append_text(taken, arrow_text(offsets, bytes, rows[place]));
    return failed;
}

typedef struct {
    Vector offsets; /* int32 */
    Texts keys;
    Texts values;
} Maps;

/* The maps of the rows, in their order. Returns 0, or -1. */
int bursar_take_maps(Maps *taken, const int32_t *offsets, const int32_t *key_offsets,
                     const uint8_t *keys, const int32_t *value_offsets, const uint8_t *values,
                     const int64_t *rows, int64_t row_count) {
    int failed = begin_texts(&taken->keys) || begin_texts(&taken->values) ||
                 append_int32(&taken->offsets, 0);
    for (int64_t place = 0; !failed && place < row_count; place++) {
        int64_t row = rows[place];
        for (int64_t entry = offsets[row]; !failed && entry < offsets[row + 1]; entry++)
            failed = append_text(&taken->keys, arrow_text(key_offsets, keys, entry)) ||
                     append_text(&taken->values, arrow_text(value_offsets, values, entry));
        int64_t entries = taken->keys.offsets.length / 4 - 1;
        failed = failed || entries > INT32_MAX || append_int32(&taken->offsets, (int32_t)entries);
    }
    return failed;
}

Texts *bursar_texts_new(void) { return calloc(1, sizeof(Texts)); }

void bursar_texts_free(Texts *texts) {
    if (!texts) return;
    free_texts(texts);
    free(texts);
}

Maps *bursar_maps_new(void) { return calloc(1, sizeof(Maps)); }

void bursar_maps_free(Maps *maps) {
    if (!maps) return;
    free(maps->offsets.data);
    free_texts(&maps->keys);
    free_texts(&maps->values);
    free(maps);
}
