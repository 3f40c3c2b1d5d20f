"""What is measured: a metric's text, and the set-based SQL of a person who knows all scopes.

Owns the pairs. By hand every scope has its row where the metric's own text has one on nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from bursar.metrics.exact import text_to_number

_IN_SCOPE = """
    from scopes
    inner join landed
        on scopes.customer_id = landed.customer_id
        and landed."timestamp" >= scopes.window_start
        and landed."timestamp" < scopes.window_end
"""
# A text as a number: by Bursar's rule, which takes a regular expression a text; or by the engine's
# cast alone, which takes 1_000 and .5 for numbers.
BY_RULE = text_to_number("landed.p_tokens")
BY_CAST = "try_cast(landed.p_tokens as decimal(38, 12))"
_TOKENS = "{tokens}"


@dataclass(frozen=True)
class Query:
    """One question, asked by both hands.

    Args:
        metric: As for one scope.
        by_hand: Over all scopes, with columns scope_id, the group keys, value; `{tokens}` stands
            for the number of tokens.
    """

    metric: str
    by_hand: str


def _each_scope(by_hand: str, value: str) -> str:
    return (
        f"select scopes.scope_id, {value} as value from scopes "
        f"left join ({by_hand}) as found on scopes.scope_id = found.scope_id"
    )


QUERIES = {
    "sum_by_key": Query(
        """
        select sum(properties.tokens::decimal(38, 12)) as value, properties.model as model
        from events where event_type = 'llm' group by all
        """,
        f"""
        select scopes.scope_id, landed.p_model as model, sum({_TOKENS}) as value {_IN_SCOPE}
        where landed.event_type = 'llm' group by all
        """,
    ),
    "count_distinct": Query(
        """
        select count(distinct properties.user) as value from events where event_type = 'llm'
        """,
        _each_scope(
            f"""
            select scopes.scope_id, count(distinct landed.p_user) as users {_IN_SCOPE}
            where landed.event_type = 'llm' group by all
            """,
            "coalesce(found.users, 0)",
        ),
    ),
    "average_of_daily_maxima": Query(
        """
        select avg(peak) as value
        from (
            select
                date_trunc('day', timestamp) as day,
                max(properties.tokens::decimal(38, 12)) as peak
            from events where event_type = 'llm' group by all
        ) as daily
        """,
        _each_scope(
            f"""
            select scope_id, avg(peak) as average
            from (
                select
                    scopes.scope_id,
                    date_trunc('day', landed."timestamp") as day,
                    max({_TOKENS}) as peak
                {_IN_SCOPE} where landed.event_type = 'llm' group by all
            ) as daily
            group by all
            """,
            "found.average",
        ),
    ),
    "p95": Query(
        """
        select quantile_cont(properties.tokens::decimal(38, 12), 0.95) as value
        from events where event_type = 'llm'
        """,
        _each_scope(
            f"""
            select scopes.scope_id, quantile_cont({_TOKENS}, 0.95) as p95 {_IN_SCOPE}
            where landed.event_type = 'llm' group by all
            """,
            "found.p95",
        ),
    ),
    "sessionization": Query(
        """
        select
            count(*) filter (
                where previous is null or timestamp > previous + interval 30 minute
            ) as value
        from (
            select
                timestamp,
                lag(timestamp) over (order by timestamp, transaction_id) as previous
            from events where event_type = 'llm'
        ) as ordered
        """,
        _each_scope(
            f"""
            select
                scope_id,
                count(*) filter (
                    where previous is null or "timestamp" > previous + interval 30 minute
                ) as sessions
            from (
                select
                    scopes.scope_id,
                    landed."timestamp",
                    lag(landed."timestamp") over (
                        partition by scopes.scope_id
                        order by landed."timestamp", landed.transaction_id
                    ) as previous
                {_IN_SCOPE} where landed.event_type = 'llm'
            ) as ordered
            group by all
            """,
            "coalesce(found.sessions, 0)",
        ),
    ),
    "self_join": Query(
        """
        select count(*) as value
        from events as first
        inner join events as second
            on first.properties.user = second.properties.user
            and first.timestamp < second.timestamp
        where first.event_type = 'error' and second.event_type = 'error'
        """,
        _each_scope(
            f"""
            with errors as (
                select scopes.scope_id, landed.p_user, landed."timestamp"
                {_IN_SCOPE} where landed.event_type = 'error'
            )
            select first.scope_id, count(*) as pairs
            from errors as first
            inner join errors as second
                on first.scope_id = second.scope_id
                and first.p_user = second.p_user
                and first."timestamp" < second."timestamp"
            group by all
            """,
            "coalesce(found.pairs, 0)",
        ),
    ),
    "exists": Query(
        """
        select count(*) as value
        from events as asked
        where asked.event_type = 'llm' and exists (
            select 1 from events as failed
            where failed.event_type = 'error'
                and failed.properties.user = asked.properties.user
        )
        """,
        _each_scope(
            f"""
            with inside as (
                select scopes.scope_id, landed.p_user, landed.event_type
                {_IN_SCOPE} where landed.event_type in ('llm', 'error')
            )
            select asked.scope_id, count(*) as requests
            from inside as asked
            where asked.event_type = 'llm' and exists (
                select 1 from inside as failed
                where failed.event_type = 'error'
                    and failed.scope_id = asked.scope_id
                    and failed.p_user = asked.p_user
            )
            group by all
            """,
            "coalesce(found.requests, 0)",
        ),
    ),
}
