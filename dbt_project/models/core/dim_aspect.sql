select
    {{ hash_key(['taxonomies.aspect', 'taxonomies.taxonomy_version']) }} as aspect_key,
    taxonomies.aspect,
    taxonomies.taxonomy_version,
    max(taxonomies.name_zh) as name_zh,
    max(taxonomies.name_en) as name_en,
    max(taxonomies.stage) as stage,
    max(taxonomies.qsc_class) as qsc_class,
    max(taxonomies.owner) as owner,
    versions.version is not null as is_current
from {{ source('text', 'taxonomies') }} as taxonomies
left join {{ ref('stg_text_version') }} as versions
    on
        versions.kind = 'aspects'
        and taxonomies.taxonomy_version = versions.version
group by taxonomies.aspect, taxonomies.taxonomy_version, versions.version
