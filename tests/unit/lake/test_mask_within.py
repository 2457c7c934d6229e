"""Masking what is kept for audit: every text in it, and no number."""

from lake.privacy import Privacy


def test_every_text_inside_is_masked_and_counted():
    privacy = Privacy(b"a key that is for tests only")
    kept = {"note": "打 13800138000", "ids": [13800138000, "mail a@b.cn"], "deep": {"x": None}}
    assert privacy.mask_within(kept) == {
        "note": "打 [mobile]",
        "ids": [13800138000, "mail [mail]"],
        "deep": {"x": None},
    }
    assert privacy.masked == {"mobile": 1, "mail": 1}
