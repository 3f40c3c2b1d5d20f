"""Calls `bursar run` every hour; a run that was killed is made good by the next."""

from datetime import UTC, datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(
    dag_id="billing",
    schedule="5 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
):
    BashOperator(
        task_id="bursar_run",
        bash_command="bursar run --format json",
        cwd="/srv/my-billing",
        retries=1,
        retry_delay=timedelta(minutes=5),
    )
