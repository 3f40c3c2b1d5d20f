"""The functions that a metric may call, and why others are refused.

Owns the lists. They are allow-lists: a function that a new engine brings is unknown here until
somebody has looked at it. The lists of refused names only choose better words.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.columns import words

# Functions of our own, which the lift replaces.
LATEST, EARLIEST = "latest", "earliest"
WINDOW_START, WINDOW_END = "window_start", "window_end"
OWN_FUNCTIONS = frozenset({LATEST, EARLIEST, WINDOW_START, WINDOW_END})
OWN_AGGREGATES = frozenset({LATEST, EARLIEST})

# Class to the arguments that it may have; a name to show for each.
FUNCTIONS: dict[type[exp.Expr], tuple[str, frozenset[str]]] = {
    exp.Sum: ("sum", frozenset({"this"})),
    exp.Count: ("count", frozenset({"this", "big_int"})),
    exp.Min: ("min", frozenset({"this"})),
    exp.Max: ("max", frozenset({"this"})),
    exp.Avg: ("avg", frozenset({"this"})),
    exp.Coalesce: ("coalesce", frozenset({"this", "expressions"})),
    exp.Nullif: ("nullif", frozenset({"this", "expression"})),
    exp.Greatest: ("greatest", frozenset({"this", "expressions", "ignore_nulls"})),
    exp.Least: ("least", frozenset({"this", "expressions", "ignore_nulls"})),
    exp.Case: ("case", frozenset({"this", "ifs", "default"})),
    exp.If: ("if", frozenset({"this", "true", "false"})),
    exp.Cast: ("cast", frozenset({"this", "to"})),
    exp.TryCast: ("try_cast", frozenset({"this", "to", "requires_string"})),
    exp.Abs: ("abs", frozenset({"this"})),
    exp.Round: ("round", frozenset({"this", "decimals"})),
    exp.Floor: ("floor", frozenset({"this"})),
    exp.Ceil: ("ceil", frozenset({"this"})),
    exp.Sign: ("sign", frozenset({"this"})),
    exp.Lower: ("lower", frozenset({"this"})),
    exp.Upper: ("upper", frozenset({"this"})),
    exp.Trim: ("trim", frozenset({"this", "expression", "position"})),
    exp.Length: ("length", frozenset({"this"})),
    exp.Substring: ("substring", frozenset({"this", "start", "length"})),
    exp.Left: ("left", frozenset({"this", "expression"})),
    exp.Right: ("right", frozenset({"this", "expression"})),
    exp.Replace: ("replace", frozenset({"this", "expression", "replacement"})),
    exp.SplitPart: ("split_part", frozenset({"this", "delimiter", "part_index"})),
    exp.StartsWith: ("starts_with", frozenset({"this", "expression"})),
    exp.EndsWith: ("ends_with", frozenset({"this", "expression"})),
    exp.Contains: ("contains", frozenset({"this", "expression"})),
    exp.StrPosition: ("strpos", frozenset({"this", "substr"})),
    exp.Concat: ("concat", frozenset({"expressions", "safe", "coalesce"})),
    exp.RowNumber: ("row_number", frozenset()),
    exp.Rank: ("rank", frozenset()),
    exp.DenseRank: ("dense_rank", frozenset()),
    exp.Ntile: ("ntile", frozenset({"this"})),
    exp.Lag: ("lag", frozenset({"this", "offset", "default"})),
    exp.Lead: ("lead", frozenset({"this", "offset", "default"})),
    exp.FirstValue: ("first_value", frozenset({"this"})),
    exp.LastValue: ("last_value", frozenset({"this"})),
    exp.NthValue: ("nth_value", frozenset({"this", "offset"})),
    exp.PercentileDisc: ("quantile_disc", frozenset({"this", "expression"})),
    exp.PercentileCont: ("quantile_cont", frozenset({"this", "expression"})),
    exp.Quantile: ("quantile", frozenset({"this", "quantile"})),
    exp.Median: ("median", frozenset({"this"})),
    exp.Explode: ("unnest", frozenset({"this"})),
    exp.GenerateSeries: (
        "generate_series",
        frozenset({"start", "end", "step", "is_end_exclusive"}),
    ),
    exp.Split: ("string_split", frozenset({"this", "expression"})),
    exp.DateDiff: ("date_diff", frozenset({"this", "expression", "unit", "date_part_boundary"})),
    exp.Extract: ("extract", frozenset({"this", "expression"})),
    exp.Year: ("year", frozenset({"this"})),
    exp.Month: ("month", frozenset({"this"})),
    exp.Day: ("day", frozenset({"this"})),
    exp.Hour: ("hour", frozenset({"this"})),
    exp.Minute: ("minute", frozenset({"this"})),
    exp.Second: ("second", frozenset({"this"})),
    exp.DayOfWeek: ("dayofweek", frozenset({"this"})),
    exp.TimestampTrunc: ("date_trunc", frozenset({"this", "unit"})),
    exp.DateTrunc: ("date_trunc", frozenset({"this", "unit"})),
}
FUNCTION_NAMES = frozenset(name for name, _ in FUNCTIONS.values()) | OWN_FUNCTIONS

# sqlglot fills these arguments itself; true is as good as absent.
HARMLESS_ARGUMENTS = frozenset({"big_int", "typed", "safe", "nested", "requires_string", "is_nvl"})

_NOT_DETERMINISTIC = words(
    """
    now random rand uuid uuidv4 uuidv7 gen_random_uuid current_timestamp current_date
    current_time current_localtimestamp current_localtime localtimestamp localtime today
    get_current_time get_current_timestamp transaction_timestamp statement_timestamp setseed
    nextval currval txid_current sleep_ms current_user current_database current_schema version
    tablesample sample reservoir
    """
)
_APPROXIMATE = words(
    """
    approx_count_distinct approx_quantile approx_top_k reservoir_quantile approx_distinct
    """
)
_UNORDERED = words(
    """
    any_value first last arbitrary list array_agg string_agg group_concat listagg mode
    histogram first_value last_value arg_min arg_max min_by max_by argmin argmax bitstring_agg
    """
)
_FILES_AND_SETTINGS = words(
    """
    read_text read_blob read_csv read_csv_auto read_json read_json_auto read_ndjson
    read_ndjson_auto read_json_objects read_ndjson_objects read_parquet parquet_scan
    parquet_metadata parquet_schema sniff_csv glob getenv getvariable current_setting
    current_settings query query_table json_execute_serialized_sql read_duckdb duckdb_settings
    duckdb_tables duckdb_databases duckdb_functions pragma_table_info write_log
    """
)
_FLOATING = words(
    """
    sqrt cbrt power pow exp ln log log2 log10 stddev stddev_pop stddev_samp variance var_pop
    var_samp corr covar_pop covar_samp fsum kahan_sum favg product geomean geometric_mean
    median_float sin cos tan pi epoch degrees radians
    """
)


def refusal_of_function(name: str) -> tuple[str, str]:
    """The code and the words for a function that is not on the list.

    Args:
        name: As written.
    """
    folded = name.lower()
    if folded in _NOT_DETERMINISTIC:
        return "M301", (
            f"{name} is not the same on every run, and a bill must be.\nA metric knows the events "
            "of its"
            " scope and the scope's bounds, window_start() and window_end()."
        )
    if folded in _APPROXIMATE:
        return "M302", f"{name} is approximate, and a bill must be exact. Use count(distinct ...)."
    if folded in _UNORDERED:
        return "M303", (
            f"{name} depends on the order in which rows happen to be read.\nUse latest(x), "
            "earliest(x),"
            " min or max."
        )
    if folded in _FILES_AND_SETTINGS:
        return "M203", f"{name} reads something other than events. A metric reads `events` alone."
    if folded in _FLOATING:
        return "M401", f"{name} computes in floating point, which is not exact."
    return "M204", ""
