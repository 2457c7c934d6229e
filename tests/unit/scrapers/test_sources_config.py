"""sources.yml: what is accepted, and how a person is told of what isn't."""

from __future__ import annotations

import pytest

from lake.config import ConfigError, load_yaml
from scrapers.config import SourceConfig, SourcesFile, access_fault
from scrapers.registry import Platforms

CFPB = {"platform": "cfpb", "options": {"company": ["YUNWU TEA PAY LLC"]}}
STORE = {"platform": "appstore", "options": {"country": "cn", "app_id": "6400000001"}}


def problems(tmp_path, text):
    path = tmp_path / "sources.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_yaml(path, SourcesFile)
    return [str(problem) for problem in caught.value.problems]


def test_a_whole_file(tmp_path):
    path = tmp_path / "sources.yml"
    path.write_text(
        """
sources:
  cfpb:
    platform: cfpb
    base_url: http://127.0.0.1:8000/
    allow_private_hosts: true
    unit_id: hq
    first_day: 2026-04-01
    overlap_days: 7
    options: {company: YUNWU TEA PAY LLC}
    politeness: {min_interval_seconds: 0, max_attempts: 3}
  appstore_cn:
    platform: appstore
    options: {country: CN, app_id: 6400000001}
""",
        encoding="utf-8",
    )
    sources = load_yaml(path, SourcesFile).sources
    assert sources["cfpb"].base_url == "http://127.0.0.1:8000"
    limits = sources["cfpb"].limits()
    assert (limits.min_interval_seconds, limits.max_attempts) == (0, 3)
    assert limits.timeout_seconds == Platforms().load("cfpb").spec.politeness.timeout_seconds
    assert sources["appstore_cn"].values() == {"country": "cn", "app_id": "6400000001"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sources: {x: {platform: cfbp}}", "Did you mean cfpb?"),
        ("sources: {x: {platform: zzz}}", "Known platforms: appstore, "),
        ("sources: {x: {platform: cfpb}}", "the company as the CFPB writes it"),
        ("sources: {x: {platform: cfpb, options: {compny: A}}}", "Did you mean company?"),
        ("sources: {x: {platform: appstore, options: {country: cn}}}", "app_id: required"),
        (
            "sources: {x: {platform: appstore, options: {country: no, app_id: 1}}}",
            'Write it in quotes: "no"',
        ),
        ("sources: {x: {platform: appstore, options: {country: cn, app_id: tea}}}", "digits after"),
        ("sources: {x: {platform: cfpb, base_url: consumerfinance}}", "is no address"),
        (
            "sources: {x: {platform: cfpb, base_url: 'http://a.org', options: {company: A}}}",
            "base_url is not https",
        ),
        (
            "sources: {x: {platform: cfpb, options: {company: A}, "
            "politeness: {min_interval_seconds: 0.1}}}",
            "replicas only",
        ),
        (
            "sources: {x: {platform: cfpb, options: {company: A}, politeness: {max_attempts: 1}}}",
            "2",
        ),
        ("sources: {Bad-Name: {platform: cfpb, options: {company: A}}}", "small letters"),
        ("sources: {survey_x: {platform: cfpb, options: {company: A}}}", "files are named so"),
        ("sources: {x: {platform: cfpb, options: {company: A}, unit: hq}}", "Did you mean"),
        ("sources: {x: {platform: heimao, unit_id: 12}}", "not for a text: put it in quotes"),
        ("sources: {x: {platform: heimao, permission: yes}}", "not for a text: put it in quotes"),
        ("sources: [{platform: heimao}]", "Write `key: value` lines below it"),
        (
            "sources: {x: {platform: cfpb, options: {company: A}, units: {A: hq}}}",
            "units has nothing to map: cfpb repeats no request",
        ),
        (
            "sources: {x: {platform: heimao, bounds: {complaint: {fill: {titel: 0.9}}}}}",
            "complaint has no column titel; it has amount, appeal, ",
        ),
    ],
)
def test_faults_say_what_to_write(tmp_path, text, words):
    found = problems(tmp_path, text)
    assert any(words in problem for problem in found), found
    assert all("sources.yml, line 1" in problem for problem in found)


def test_a_key_in_place_of_its_variable_is_not_told_again(tmp_path):
    text = "sources: {x: {platform: zendesk, secret_env: s3cret-Key}}"
    found = "\n".join(problems(tmp_path, text))
    assert "Write its name (capitals, digits and _, like ZENDESK_TOKEN)" in found
    assert "s3cret" not in found


def test_every_fault_of_the_options_is_told_at_once(tmp_path):
    (found,) = problems(tmp_path, "sources: {x: {platform: appstore, options: {land: cn}}}")
    assert "country: required" in found
    assert "app_id: required" in found
    assert "land: not an option" in found


def test_the_spec_hash_follows_what_is_collected_only():
    base = SourceConfig.model_validate(CFPB).spec_hash()
    same = CFPB | {
        "base_url": "http://127.0.0.1:4711",
        "allow_private_hosts": True,
        "politeness": {"min_interval_seconds": 0},
        "overlap_days": 3,
    }
    assert SourceConfig.model_validate(same).spec_hash() == base
    for change in (
        {"options": {"company": ["YUNWU TEA PAY LLC", "OTHER"]}},
        {"first_day": "2026-01-01"},
        {"unit_id": "hq"},
    ):
        assert SourceConfig.model_validate(CFPB | change).spec_hash() != base
    assert SourceConfig.model_validate(STORE).spec_hash() != base


def test_platforms_that_need_a_permission_need_it_stated():
    spec = Platforms().load("appstore").spec.model_copy(update={"access": "by_permission"})
    assert "State yours under permission" in str(access_fault(spec, None, None, None))
    assert access_fault(spec, None, "  ", None) is not None
    assert access_fault(spec, None, "Letter of 2026-03-01, ref 7", None) is None
    assert access_fault(Platforms().load("appstore").spec, None, None, None) is None
    assert access_fault(Platforms().load("appstore").spec, "by_permission", None, None)


def test_an_own_account_needs_its_key(monkeypatch):
    spec = Platforms().load("appstore").spec.model_copy(update={"access": "own_account"})
    assert "secret_env" in str(access_fault(spec, None, None, None))
    monkeypatch.delenv("TEA_TOKEN", raising=False)
    assert "TEA_TOKEN is not set" in str(access_fault(spec, None, None, "TEA_TOKEN"))
    monkeypatch.setenv("TEA_TOKEN", "s3cret")
    assert access_fault(spec, None, None, "TEA_TOKEN") is None


@pytest.mark.parametrize("name", Platforms().names())
def test_every_platform_folder_is_whole(name, repository):
    platform = Platforms().load(name)
    folder = repository / "scrapers" / "platforms" / name
    assert (folder / "README.md").read_text(encoding="utf-8").startswith("# ")
    assert platform.spec.politeness.min_interval_seconds >= 1
    assert platform.spec.base_url.startswith("https://")
    assert platform.spec.facts


def test_an_unknown_platform_is_a_key_error():
    with pytest.raises(KeyError):
        Platforms().load("weibo")
