{#-
    A table that is made in numbered steps, each from the rows of the steps before: what a step
    cannot know until another is done, such as what a balance has left once an earlier one has paid.

    The model's query gives one step's rows, with `bursar.step()` for its number, and reads the
    steps before it from `this`. Config: `steps`, the model whose column `step` counts them from
    1 on, and `columns`, the names and types of the table's columns.
-#}
{% materialization stepwise, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- if existing is not none -%}
        {{ adapter.drop_relation(existing) }}
    {%- endif -%}

    {%- set columns = [] -%}
    {%- for name, data_type in config.require('columns').items() -%}
        {%- do columns.append(name ~ ' ' ~ data_type) -%}
    {%- endfor -%}
    {%- call statement('main') -%}
        create table {{ target }} ({{ columns | join(', ') }})
    {%- endcall -%}

    {%- set last_step = run_query('select max(step) from ' ~ ref(config.require('steps'))) -%}
    {%- for step in range(1, (last_step.columns[0].values()[0] or 0) + 1) -%}
        {%- call statement('step') -%}
            insert into {{ target }} by name {{ sql | replace(bursar.step(), step | string) }}
        {%- endcall -%}
    {%- endfor -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do persist_docs(target, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
