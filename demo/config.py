"""The demo deployment's config files, commented so that a newcomer learns from them."""

from __future__ import annotations

import json

from demo.boards import SHOP, SHOP_UNIT
from demo.files import AUDIT_HEADERS, DELIVERY_HEADERS, LINE_HEADERS, ORDER_HEADERS
from demo.public import APP_ID, CFPB_COMPANY
from demo.surveys import DELIVERY_NPS, DRIVERS, STORE_NPS
from demo.world import BRAND, COMPANY, FIRST_DAY, HQ, ZONE


def config_files(replica_url: str) -> dict[str, str]:
    """Path below the deployment's folder -> text; `replica_url` is where the platforms answer."""
    return {
        "config/deployment.yml": _deployment(),
        "config/sources.yml": _sources(replica_url.rstrip("/")),
        "config/surveys.yml": _surveys(),
        "config/extracts.yml": _extracts(),
    }


def _deployment() -> str:
    return f"""\
# Who this deployment belongs to, and where its day begins and ends.
name: {COMPANY}

# A business date is a day in this zone; a nightly run for the 30th covers all of that local day.
# Times in files that name no zone are read in it as well. The warehouse itself holds UTC.
zone: {ZONE}

# The first day there can be data for: the nightly's partitions begin here.
start_date: {FIRST_DAY.isoformat()}

# Goes into the user agent, so that a platform's operator knows whom to write to.
contact: data-team@example.com

# Shown as the owner of the tables and jobs.
owner: data-team
"""


def _sources(url: str) -> str:
    return f"""\
# Public platforms to collect from, by a name of your choice: it becomes the `source` of the lake,
# of quality.source_status and of the asset records/<source>.
#
# In the demo all of them are replicas on this machine. To collect from the real ones, remove
# base_url, allow_private_hosts and politeness: the defaults of each platform are polite.
sources:
  cfpb:
    platform: cfpb                 # a folder of scrapers/platforms; its source.yml has the terms
    enabled: true
    base_url: {url}
    allow_private_hosts: true      # only for replicas: otherwise loopback and LAN are refused
    unit_id: {HQ}                    # the unit that what is said here belongs to
    first_day: {FIRST_DAY.isoformat()}          # where history begins on the first run
    overlap_days: 60               # read again each night: complaints change for weeks
    options:
      company: [{json.dumps(CFPB_COMPANY)}]   # as the CFPB spells it
    politeness: {{min_interval_seconds: 0.0, backoff_seconds: 0.05}}   # replicas only

  appstore_cn:
    platform: appstore
    enabled: true
    base_url: {url}
    allow_private_hosts: true
    unit_id: {HQ}
    first_day: {FIRST_DAY.isoformat()}
    options: {{country: cn, app_id: "{APP_ID}"}}   # the digits after /id in the app's address
    politeness: {{min_interval_seconds: 0.0, backoff_seconds: 0.05}}

  appstore_us:
    platform: appstore
    enabled: true
    base_url: {url}
    allow_private_hosts: true
    unit_id: {HQ}
    first_day: {FIRST_DAY.isoformat()}
    options: {{country: us, app_id: "{APP_ID}"}}
    politeness: {{min_interval_seconds: 0.0, backoff_seconds: 0.05}}

  # Two queues. The feed shows everybody's complaints, the newest first, with the beginning of each
  # text: what is about us is kept. A complaint's own page has the whole text and what was done
  # since: it is visited when it is new, and again after 1, 2, 4, 8 … days until it closes.
  heimao:
    platform: heimao
    enabled: true
    base_url: {url}
    allow_private_hosts: true
    unit_id: {HQ}
    first_day: {FIRST_DAY.isoformat()}
    options:
      company: [{BRAND}]           # words that the name of the company complained of may hold
    politeness: {{min_interval_seconds: 0.0, backoff_seconds: 0.05}}

  # Dianping may be crawled by permission only. Until one is stated nothing is asked of it, which
  # each night says; pages that people save are read from landing/platforms/dianping/, once each.
  dianping:
    platform: dianping
    enabled: true
    # permission: who granted it, when, its reference
    base_url: {url}
    allow_private_hosts: true
    first_day: {FIRST_DAY.isoformat()}
    options:
      shop_id: [{SHOP}]    # what stands after /shop/ in the store's address
    units: {{{SHOP}: {SHOP_UNIT}}}     # which store of ours that shop is
    politeness: {{min_interval_seconds: 0.0, backoff_seconds: 0.05}}
"""


def _surveys() -> str:
    store = "\n".join(
        f"        {driver}: Q5_{n}" for n, driver in enumerate(DRIVERS[STORE_NPS], start=1)
    )
    roles = [role for role in DELIVERY_HEADERS if role not in DRIVERS[DELIVERY_NPS]]
    delivery = "\n".join(f"      {role}: {_quoted(DELIVERY_HEADERS[role])}" for role in roles)
    drivers = "\n".join(
        f"        {driver}: {_quoted(DELIVERY_HEADERS[driver])}" for driver in DRIVERS[DELIVERY_NPS]
    )
    return f"""\
# Survey exports to load. A survey's key is its survey_id and the folder to drop its files into:
# landing/surveys/<survey_id>/. A new survey needs an entry here and nothing else.
#
# roles say which column plays which part (a column's name, its import id, or the question's text).
# A column without a role still lands as an answer; the personal columns of the survey tools
# (names, mail, IP address, location) never do.
surveys:
  {STORE_NPS}:
    format: qualtrics              # three header rows; `auto` would find that out
    files: "*.csv"
    roles:
      response_id: ResponseId
      customer_id: ExternalReference
      invitation_id: invitation_id
      started_at: StartDate
      submitted_at: EndDate
      duration_seconds: Duration (in seconds)
      nps: Q1_NPS                  # 0-10, landed as given: 11 or 十分 are counted, never banded
      csat: Q3_CSAT
      comment: Q2
      unit_id: store_id
      touchpoint_id: touchpoint
      channel: channel
      language: UserLanguage
      email: RecipientEmail        # only its keyed hash lands: it tells who answered without a card
      device: IPAddress            # only a keyed hash of it lands: it shows who answers twice
      drivers:                     # 1-5 items, for what drives the score and for straight-lining
{store}

  {DELIVERY_NPS}:
    format: table                  # one header row, any names
    files: "*.xlsx"
    roles:
{delivery}
      drivers:
{drivers}
    constants:                     # what holds for every answer of this survey
      channel: delivery
      touchpoint_id: tp_delivery_arrival
"""


def _extracts() -> str:
    return f"""\
# What the company's own systems export, by entity. Files go to landing/extracts/<entity>/ and are
# read once: a file whose bytes landed before is passed over.
#
# columns map our names (left) to the headers in the file (right); a name not listed is looked for
# as it is. Optional for each: zone (default: the deployment's) and encoding (default: detected).
extracts:
  customers: {{}}                    # phone and email are hashed with your key, never landed
  customer_links:                  # who turned out to be one person, and who didn't after all
    mode: snapshot                 # each file holds all of them: one that is missing has ended
  units: {{}}
  touchpoints: {{}}
  orders:
    files: "*.csv"                 # a file a month; the Southwest's old till writes GBK: detected
    columns:
{_columns(ORDER_HEADERS)}
  journey_events: {{}}
  invitations: {{}}
  cases: {{}}                        # phones and mails in the text are masked; `phone` is hashed
  case_events: {{}}
  products: {{}}
  order_lines:                     # ￥19.00 is an amount; line_no tells two cups of one kind apart
    columns:
{_columns(LINE_HEADERS)}
  employees: {{}}                    # a number each; names would be hashed
  contacts: {{}}                     # 95秒 is a wait, 是 and 否 whether it was settled
  qsc_audits:
    columns:
{_columns(AUDIT_HEADERS)}
"""


def _columns(headers: dict[str, str]) -> str:
    return "\n".join(f"      {ours}: {theirs}" for ours, theirs in headers.items())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
