"""Numbers of items without an id: none is lost and none is doubled while pages move."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from scrapers.occurrences import Occurrences, moved, overlap
from scrapers.parsing import Item, Page


def page(contents):
    """A page whose items say these letters, numbered as one page alone is read."""
    counts = Counter()
    items = []
    for place, content in enumerate(contents, 1):
        counts[content] += 1
        key = f"{content}#{counts[content]}"
        items.append(Item("review", place, key, {"review_id": key}, by_content=True))
    return Page(tuple(items), len(items))


def keys(found):
    assert all(item.columns["review_id"] == item.natural_key for item in found.items)
    return [item.natural_key for item in found.items]


class List:
    """A list, newest first, read in pages of `size` while `insert` puts items on top of it."""

    def __init__(self, contents, size=4, *, clamps=False):
        self.contents, self.size, self.clamps = list(contents), size, clamps
        self.occurrences = Occurrences(clamps=clamps)
        self.found, self.again = [], 0

    def part(self, number):
        last = max(1, -(-len(self.contents) // self.size))
        if self.clamps:
            number = min(number, last)
        return page(self.contents[(number - 1) * self.size : number * self.size])

    def first_again(self):
        self.again += 1
        found = self.occurrences.numbered_again(self.part(1), "review", 1)
        self.found += keys(found)
        return found

    def read(self, number):
        found = self.occurrences.numbered(self.part(number), "review", number, self.first_again)
        self.found += keys(found)
        return keys(found)

    def insert(self, contents):
        self.contents = [*contents, *self.contents]

    @property
    def counts(self):
        """How many different keys there are of each letter."""
        return Counter(key.partition("#")[0] for key in set(self.found))


def test_equal_items_are_counted_over_pages():
    found = List("ABCADAEF")
    assert found.read(1) == ["A#1", "B#1", "C#1", "A#2"]
    assert found.read(2) == ["D#1", "A#3", "E#1", "F#1"]
    assert found.again == 0


@pytest.mark.parametrize(
    "contents",
    [
        "ABCDEFGH",  # nothing is equal
        "ABCCCDEF",  # equal ones about the edge
        "AABBABCD",  # the edge looks like a shift, and the pair is of other people
        "XABABABC",
        "AAAAAAAB",
        "AAAAAAAA",
        "AAAAA",
    ],
)
@pytest.mark.parametrize("new", ["", "N", "NM", "A", "AA", "C", "NA", "NNN"])
def test_nothing_is_lost_or_doubled_whatever_comes_in_between_the_pages(contents, new):
    found = List(contents)
    found.read(1)
    found.insert(new)
    for number in range(2, 5):
        found.read(number)
    before, after = Counter(contents), Counter(contents) + Counter(new)
    # What was there from the beginning is there as often as it was; what came in may wait.
    assert all(before[c] <= found.counts[c] <= after[c] for c in after)
    assert set(found.counts) <= set(after)


@pytest.mark.parametrize("steps", [("N", "M"), ("A", "A"), ("NM", "A"), ("", "N"), ("A", "B")])
def test_things_come_in_again_and_again(steps):
    contents = "ABABABAAABCCCCAB"
    found = List(contents)
    found.read(1)
    for number, new in enumerate([*steps, "", ""], 2):
        found.insert(new)
        found.read(number)
    found.read(6)
    before = Counter(contents)
    after = before + Counter("".join(steps))
    assert all(before[c] <= found.counts[c] <= after[c] for c in after)


def test_the_next_night_gives_the_same_keys():
    nights = []
    for _ in range(2):
        found = List("ABACCABA")
        nights.append([*found.read(1), *found.read(2)])
    assert nights[0] == nights[1]
    later = List("A" + "ABACCABA")  # one more that says the same: one more key
    for number in (1, 2, 3):
        later.read(number)
    assert set(later.found) - set(nights[0]) == {"A#5"}


def test_a_clamped_list_brings_nothing_new():
    found = List("ABCDEF", clamps=True)
    for number in (1, 2):
        found.read(number)
    assert set(found.read(3)) <= set(found.found[:6])
    alone = List("A", clamps=True)
    assert [alone.read(n) for n in (1, 2, 3)] == [["A#1"]] * 3


def test_a_list_that_loops_brings_nothing_new():
    found = List("ABCDEFGHABCD")
    pages = [found.read(n) for n in (1, 2, 3)]
    assert pages[2] == pages[0]


def test_a_page_read_again_keeps_its_numbers():
    """An item went, and another moved up from the page after it: only that one is new."""
    found = List("AABBCADE")
    found.read(1)
    found.contents.remove("A")  # ABBC ADE
    assert found.read(2) == ["A#3", "D#1", "E#1"]
    again = found.occurrences.numbered_again(page("ABBC"), "review", 1)
    assert keys(again)[1:] == ["B#1", "B#2", "C#1"]
    assert keys(again)[0] in ("A#1", "A#2", "A#3")


def test_items_with_an_id_are_left_alone():
    named = Page((Item("review", 1, "7#1", {"review_id": "7#1"}),), 1)
    found = Occurrences().numbered(named, "review", 1, None)
    assert found == named


@pytest.mark.parametrize(
    ("first", "now", "places"),
    [
        ("ABCD", "ABCD", 0),
        ("ABCD", "NABC", 1),
        ("ABCD", "NMAB", 2),
        ("AB", "NMAB", 2),
        ("AAAA", "AAAA", 0),
        ("ABCD", "NMOP", None),
        ("ABCD", "BCDE", None),
    ],
)
def test_how_far_the_list_has_moved(first, now, places):
    assert moved(list(first), list(now)) == places


@pytest.mark.parametrize(
    ("before", "now", "length"),
    [("ABCD", "CDEF", 2), ("ABCC", "CDEF", 0), ("ABCD", "DEFG", 1), ("ABCD", "EFGH", 0)],
)
def test_two_pages_alone_tell_a_shift_where_it_is_no_chance(before, now, length):
    assert overlap(list(before), list(now)) == length


@pytest.mark.parametrize("letters", ["AB", "ABC", "ABCDE"])
def test_any_list_of_few_words_keeps_its_numbers(letters):
    for seed in range(150):
        draw = random.Random(f"{letters}{seed}")  # noqa: S311
        contents = draw.choices(letters, k=draw.randint(1, 90))
        found, new = List(contents, 20), []
        for number in range(1, 9):
            found.read(number)
            if draw.random() < 0.3:
                more = draw.choices(letters + "N", k=draw.randint(1, 3))
                found.insert(more)
                new += more
        before, after = Counter(contents), Counter(contents) + Counter(new)
        assert all(before[c] <= found.counts[c] <= after[c] for c in after), seed
