{# The lake's envelope: versions, dispositions, lineage. #}

{# What one entity's records look like to the rules about versions: the envelope, nothing else. #}
{% macro landed_envelope(entity) -%}
    select
        source,
        entity,
        natural_key,
        record_key,
        version_hash,
        {{ voc.utc('observed_at') }} as observed_at,
        dt,
        run_id,
        seq,
        url,
        position,
        row_version,
        vanished_at is not null as is_closing
    from {{ source('lake', entity) }}
    where dt <= {{ voc.as_of() }}
{%- endmacro %}

{#
    The order in which records landed, over nights and runs. A replay observes nothing new, so it is
    the beginning of the run that tells which of two came later. The lake never leaves these NULL.
#}
{% macro landing_order(way='asc') -%}
    dt {{ way }} nulls last, run_started_at {{ way }} nulls last, run_id {{ way }} nulls last,
    seq {{ way }} nulls last
{%- endmacro %}

{#
    Where every landed record ends. Per record key, in the order of landing, equal neighbours are
    one version: its first record is the version, the others are duplicates of it. The last version
    is current, those before it are superseded (so A, B, A are three versions).
    `stands_at_day_end`: the version that stood when its night was over, which a slowly changing
    dimension keeps; one replaced in the same night never held for a day.
    A record whose own row_version is lower than one that landed before is late: it is superseded at
    once, and was never a version.
    `relation` has the columns of landed_envelope, and run_started_at.
#}
{% macro record_versions(relation) -%}
    with heard as (
        select
            *,
            coalesce(row_version < max(row_version) over (
                partition by record_key
                order by {{ voc.landing_order() }}
                rows between unbounded preceding and 1 preceding
            ), false) as is_late
        from {{ relation }}
    ),

    neighbours as (
        select
            *,
            lag(version_hash) over (
                partition by record_key, is_late order by {{ voc.landing_order() }}
            ) as previous_hash
        from heard
    ),

    numbered as (
        select
            *,
            cast(sum(case when version_hash = previous_hash then 0 else 1 end) over (
                partition by record_key, is_late
                order by {{ voc.landing_order() }}
                rows between unbounded preceding and current row
            ) as bigint) as version_no
        from neighbours
    ),

    placed as (
        select
            *,
            row_number() over (
                partition by record_key, is_late, version_no order by {{ voc.landing_order() }}
            ) as place_in_version,
            max(version_no) over (partition by record_key, is_late) as last_version_no,
            first_value(dt) over (
                partition by record_key, is_late, version_no order by {{ voc.landing_order() }}
            ) as valid_from_dt,
            first_value(run_id) over (
                partition by record_key, is_late, version_no order by {{ voc.landing_order() }}
            ) as version_run_id,
            first_value(seq) over (
                partition by record_key, is_late, version_no order by {{ voc.landing_order() }}
            ) as version_seq
        from numbered
    )

    select
        source,
        entity,
        natural_key,
        record_key,
        version_hash,
        observed_at,
        dt,
        run_id,
        seq,
        url,
        is_closing,
        case when not is_late then version_no end as version_no,
        valid_from_dt,
        case
            when place_in_version > 1 then 'duplicate'
            when is_late then 'superseded'
            when version_no = last_version_no then 'current'
            else 'superseded'
        end as disposition,
        case when place_in_version > 1 then version_run_id end as duplicate_of_run,
        case when place_in_version > 1 then version_seq end as duplicate_of_seq,
        not is_late and place_in_version = 1 and version_no = max(
            case when place_in_version = 1 then version_no end
        ) over (partition by record_key, is_late, dt) as stands_at_day_end
    from placed
{%- endmacro %}

{# The records of one entity that are versions, with the entity's own columns. #}
{% macro versions_of(entity, where) -%}
    select
        records.*,
        dispositions.version_no,
        dispositions.disposition
    from {{ source('lake', entity) }} as records
    inner join {{ ref('int_record_dispositions') }} as dispositions
        on
            records.source = dispositions.source
            and records.dt = dispositions.dt
            and records.run_id = dispositions.run_id
            and records.seq = dispositions.seq
    where {{ where }}
{%- endmacro %}

{# The current record of every key of one entity. #}
{% macro current_records(entity) -%}
    {{ voc.versions_of(entity, "dispositions.disposition = 'current'") }}
{%- endmacro %}

{#
    The versions of a dimension with the days they held: from the night they landed, the first also
    for the time before it, until `next_from` (NULL: they hold). A version that a full snapshot
    lists no more ends on the night that missed it; what ends it is no version to be joined to.
    `relation` is a staging model of versions, `id` its natural key.
#}
{% macro held_versions(relation, id) -%}
    select *
    from (
        select
            *,
            case
                when row_number() over (
                    partition by {{ id }} order by version_no nulls last
                ) = 1 then cast('1900-01-01' as date)
                else record_dt
            end as valid_from,
            lead(record_dt) over (
                partition by {{ id }} order by version_no nulls last
            ) as next_from
        from {{ relation }}
    ) as landed_versions
    where vanished_on is null
{%- endmacro %}

{# The columns that lead from a warehouse row back to the record and its exact bytes. #}
{% macro lineage(relation=none) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ prefix }}source,
    {{ prefix }}record_key,
    {{ prefix }}version_hash,
    {{ prefix }}record_dt,
    {{ prefix }}archive_file,
    {{ prefix }}archive_offset
{%- endmacro %}

{# The same for a row that comes from no record, such as the member `unknown`. #}
{% macro no_lineage() -%}
    cast(null as string) as source,
    cast(null as string) as record_key,
    cast(null as string) as version_hash,
    cast(null as date) as record_dt,
    cast(null as string) as archive_file,
    cast(null as bigint) as archive_offset
{%- endmacro %}

{#
    Those of `lineage` where the lake's own name for the night is still used; and the night on which
    a full snapshot listed the row no more.
#}
{% macro lake_lineage() -%}
    source,
    record_key,
    version_hash,
    dt as record_dt,
    archive_file,
    archive_offset,
    case when vanished_at is not null then dt end as vanished_on
{%- endmacro %}
