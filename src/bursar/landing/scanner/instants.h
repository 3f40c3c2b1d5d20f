/* RFC 3339 to microseconds since 1970 in UTC, for the common form of it. */

#ifndef BURSAR_INSTANTS_H
#define BURSAR_INSTANTS_H

#include <stdint.h>

#include "vectors.h"

static inline int two_digits(const uint8_t *at, int most) {
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9') return -1;
    int value = (at[0] - '0') * 10 + at[1] - '0';
    return value <= most ? value : -1;
}

static inline int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

/* Days since 1970-01-01, counted in years that begin with March. */
static inline int64_t days_since_1970(int year, int month, int day) {
    int64_t shifted = month > 2 ? year : year - 1;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719468;
}

/* 2026-01-31T09:30:00[.digits](Z|+02:00), without a leap second; digits past the sixth are cut. */
static inline int read_instant(Span text, int64_t *instant) {
    const uint8_t *at = text.start, *end = at + text.length;
    if (text.length < 20 || at[4] != '-' || at[7] != '-' || at[10] != 'T') return 0;
    if (at[13] != ':' || at[16] != ':') return 0;
    int century = two_digits(at, 99), of_century = two_digits(at + 2, 99);
    int month = two_digits(at + 5, 12), day = two_digits(at + 8, 31);
    int hour = two_digits(at + 11, 23), minute = two_digits(at + 14, 59);
    int second = two_digits(at + 17, 59);
    if (century < 0 || of_century < 0 || month < 1 || day < 1) return 0;
    if (hour < 0 || minute < 0 || second < 0) return 0;
    int year = century * 100 + of_century;
    if (year < 1 || day > days_in_month(year, month)) return 0;
    int64_t micros = 0, unit = 100000;
    at += 19;
    if (*at == '.') {
        const uint8_t *digits = ++at;
        for (; at < end && *at >= '0' && *at <= '9'; at++, unit /= 10) micros += (*at - '0') * unit;
        if (at == digits) return 0;
    }
    int64_t offset = 0;
    if (end - at == 1 && *at == 'Z') {
        /* UTC */
    } else if (end - at == 6 && (*at == '+' || *at == '-') && at[3] == ':') {
        int hours = two_digits(at + 1, 23), minutes = two_digits(at + 4, 59);
        if (hours < 0 || minutes < 0) return 0;
        offset = (hours * 60 + minutes) * (*at == '-' ? -1 : 1);
    } else {
        return 0;
    }
    int64_t minutes = days_since_1970(year, month, day) * 1440 + hour * 60 + minute - offset;
    *instant = (minutes * 60 + second) * 1000000 + micros;
    return 1;
}

#endif
