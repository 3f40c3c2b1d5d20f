/* The lines of a block of bytes. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

/*
 * The spans of the whole lines of a block, blank ones left out and a return before the break cut
 * off. Spans are pairs of int64, numbers int64 (0 for the block's first line). Returns how many
 * bytes of the block are whole lines, or -1.
 */
typedef struct {
    Vector spans;
    Vector numbers;
    int64_t line_count; /* with the blank ones */
} Lines;

static int is_blank(const uint8_t *start, const uint8_t *end) {
    while (start < end && (*start == ' ' || *start == '\t' || *start == '\r')) start++;
    return start == end;
}

int64_t bursar_split(const uint8_t *block, int64_t length, Lines *lines) {
    const uint8_t *start = block, *block_end = block + length;
    while (start < block_end) {
        const uint8_t *end = memchr(start, '\n', (size_t)(block_end - start));
        if (!end) break;
        if (!is_blank(start, end)) {
            const uint8_t *text_end = end[-1] == '\r' ? end - 1 : end;
            if (append_int64(&lines->spans, start - block)) return -1;
            if (append_int64(&lines->spans, text_end - block)) return -1;
            if (append_int64(&lines->numbers, lines->line_count)) return -1;
        }
        lines->line_count++;
        start = end + 1;
    }
    return start - block;
}

Lines *bursar_lines_new(void) { return calloc(1, sizeof(Lines)); }

void bursar_lines_free(Lines *lines) {
    if (!lines) return;
    free(lines->spans.data);
    free(lines->numbers.data);
    free(lines);
}
