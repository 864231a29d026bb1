"""Rows that are sums of other rows, of any size and in any place, and rows that only look so."""

import numpy as np
import pytest

from forecast import InputError, nowcast, read_contest, read_partial_returns, read_returns

PEOPLE = ("Alder", "Brandt", "Cohen", "Dumont", "Eriksen")
DISTRICTS = ("Northam", "Easton", "Weston", "Sutby", "Midmere", "Lakeside")


def units_of(rng, n, people, size):
    """Return so many rows of votes, of places that differ in size and taste."""
    taste = rng.dirichlet(np.full(people, 4.0))
    sizes = (size * rng.lognormal(0, 0.6, n)).astype(int) + 3
    return [rng.multinomial(s, rng.dirichlet(30 * taste + 0.5)) for s in sizes]


def districts(seed, size, *, fewest=2):
    """Return votes by district: name, and rows of name and votes of its units."""
    rng, made, k = np.random.default_rng(seed), [], 0
    people = int(rng.integers(2, 6))
    for name in DISTRICTS[: rng.integers(3, 7)]:
        rows = units_of(rng, int(rng.integers(fewest, 6)), people, size)
        made.append((name, [(f"Ward {k + j + 1}", row) for j, row in enumerate(rows)]))
        k += len(rows)
    return made


def whole(name, rows):
    return name, sum(votes for _, votes in rows)


def write(path, rows, *, names=PEOPLE, more=()):
    """Write a table of votes; `more` has a name and a cell per row of another column."""
    head = ["unit", *names[: len(rows[0][1])]]
    lines = [[name, *map(str, votes)] for name, votes in rows]
    for label, cells in more:
        head.insert(0, label)
        lines = [[cell, *line] for cell, line in zip(cells, lines, strict=True)]
    path.write_text("\n".join(",".join(line) for line in [head, *lines]) + "\n", "utf-8")
    return path


def read(path, units):
    """Return a contest of the two with most votes in some units."""
    totals = sum(votes for _, votes in units)
    two = [PEOPLE[k] for k in np.argsort(-totals, kind="stable")[:2]]
    return read_contest(path, finalists=two, electorate="voters")


def is_right(contest, units):
    expected = dict(zip(PEOPLE, sum(votes for _, votes in units).tolist(), strict=False))
    return {**contest.totals} == expected and {*contest.units} == {name for name, _ in units}


def below(made):
    return [row for name, units in made for row in (*units, whole(name, units))]


def above(made):
    return [row for name, units in made for row in (whole(name, units), *units)]


def nested(made):
    half = len(made) // 2
    return [
        row
        for name, part in (("North", made[:half]), ("South", made[half:]))
        for row in (whole(name, [u for _, units in part for u in units]), *above(part))
    ]


def loose(made):
    """The units of the last district have no sum."""
    return [*above(made[:-1]), *made[-1][1]]


def at_the_end(made):
    units = [row for _, units in made for row in units]
    return [*units, *sorted((whole(*each) for each in made), key=lambda row: row[0])]


def at_the_start(made):
    rows = at_the_end(made)
    n = sum(len(units) for _, units in made)
    return [*rows[n:], *rows[:n]]


def regions_of(made):
    """Two regions, each of half of the districts."""
    half = len(made) // 2
    parts = (("North", made[:half]), ("South", made[half:]))
    return [whole(name, [u for _, units in part for u in units]) for name, part in parts]


def two_blocks_first(made):
    return [*regions_of(made), *at_the_start(made)]


def two_blocks_last(made):
    return [*at_the_end(made), *regions_of(made)]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("size", [60, 300, 2000])
@pytest.mark.parametrize("order", [two_blocks_first, two_blocks_last])
def test_blocks_of_sums_of_sums_are_left_out(tmp_path, seed, size, order):
    made = districts(seed + 20, size)
    made = made if len(made) > 3 else [*made, ("Hilltop", [(f"Top {n}", v) for n, v in made[0][1]])]
    units = [row for _, own in made for row in own]
    assert is_right(read(write(tmp_path / "t.csv", order(made)), units), units)


def of_one_each(made):
    """Under a land each region has one district, the last one unit each, too."""
    rows = above([(name, units[: 1 if d else 9]) for d, (name, units) in enumerate(made)])
    return [whole("Land", [row for row in rows if row[0].startswith("Ward")]), *rows]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("size", [300, 2000])
def test_sums_of_one_part_are_left_out_at_any_depth(tmp_path, seed, size):
    rows = of_one_each(districts(seed, size))
    units = [row for row in rows if row[0].startswith("Ward")]
    assert is_right(read(write(tmp_path / "t.csv", rows), units), units)


@pytest.mark.parametrize("seed", range(6))
def test_a_column_of_codes_says_of_what_a_row_elsewhere_is_the_sum(tmp_path, seed):
    coded = []
    for d, (name, units) in enumerate(districts(seed, 300), 11):
        coded += [(f"0{d}", whole(name, units))]
        coded += [(f"0{d}{k:03d}", row) for k, row in enumerate(units, 1)]
    order = np.random.default_rng(seed).permutation(len(coded))
    coded = [coded[k] for k in order]
    more = [("code", [code for code, _ in coded])]
    units = [row for code, row in coded if len(code) > 3]
    path = write(tmp_path / "t.csv", [row for _, row in coded], more=more)
    assert is_right(read(path, units), units)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("size", [60, 300, 2000])
@pytest.mark.parametrize("grand", ["", "first", "last"])
@pytest.mark.parametrize("order", [below, above, nested, loose, at_the_end, at_the_start])
def test_sums_are_left_out_wherever_they_stand(tmp_path, seed, size, grand, order):
    made = districts(seed, size, fewest=1 + seed % 2)
    units = [row for _, own in made for row in own]
    rows, kingdom = order(made), whole("Kingdom", units)
    rows = [kingdom, *rows] if grand == "first" else [*rows, kingdom] if grand else rows
    assert is_right(read(write(tmp_path / "t.csv", rows), units), units)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("named", ["{district} {k}", "{district} - {k}", "{code}{k:02d}"])
def test_names_say_of_what_a_row_elsewhere_is_the_sum(tmp_path, seed, named):
    rows, every = [], []
    for d, (name, units) in enumerate(districts(seed, 300)):
        own = [
            (named.format(district=name, k=k, code=11 + d), votes)
            for k, (_, votes) in enumerate(units, 1)
        ]
        every += own
        rows += [*own, whole(str(11 + d) + "00" if "code" in named else name.upper(), own)]
    rows.sort(key=lambda row: -row[1].sum())
    assert is_right(read(write(tmp_path / "t.csv", rows), every), every)


@pytest.mark.parametrize("seed", range(6))
def test_a_column_of_regions_says_of_what_a_row_elsewhere_is_the_sum(tmp_path, seed):
    made = districts(seed, 300)
    rows = [(name, row) for name, units in made for row in (*units, whole(f"All {name}", units))]
    rows.sort(key=lambda pair: pair[1][0])
    more = [("region", [name for name, _ in rows])]
    path = write(tmp_path / "t.csv", [row for _, row in rows], more=more)
    units = [row for _, own in made for row in own]
    assert is_right(read(path, units), units)


@pytest.mark.parametrize("seed", range(6))
def test_sums_that_nobody_can_tell_are_refused_if_all_rows_say_that_there_are_some(tmp_path, seed):
    made = districts(seed, 2000)
    units = [row for _, own in made for row in own]
    rows = [*units, *(whole(*each) for each in made)]
    np.random.default_rng(seed).shuffle(rows)
    rows.append(whole("Kingdom", units))
    path = write(tmp_path / "t.csv", rows)
    with pytest.raises(InputError, match="together they are 3 times 'Kingdom'"):
        read(path, units)


def test_what_may_be_a_sum_is_named(tmp_path):
    """Not so where people are so few that such an accident is usual."""
    rest = [("e", np.array([40, 31])), ("m", np.array([55, 49]))]
    said = "perhaps sums of other rows, as all counts agree; read as units: w"
    for times, expected in ((1, False), (11, True)):
        n, s = np.array([9 * times + 1, 14 * times]), np.array([12 * times, 11 * times + 2])
        rows = [("n", n), ("s", s), ("w", n + s), *rest]
        contest = read(write(tmp_path / "t.csv", rows), rows)
        assert len(contest.units) == 5
        assert (said in contest.notes) == expected


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("size", [60, 2000])
@pytest.mark.parametrize("kind", ["any", "of tens", "alike"])
def test_no_unit_is_lost(tmp_path, seed, size, kind):
    """Neither where votes are round, nor where all places vote alike."""
    rng = np.random.default_rng(seed)
    n, people = int(rng.integers(4, 25)), int(rng.integers(2, 6))
    votes = units_of(rng, n, people, size)
    if kind == "of tens":
        votes = [np.maximum(row // 10 * 10, 10) for row in votes]
    elif kind == "alike":
        one = rng.integers(80, 120, people) * size // 100
        votes = [one * (k + 1) for k in range(n)]
    rows = [(f"Ward {k}", row) for k, row in enumerate(votes)]
    assert len(read(write(tmp_path / "t.csv", rows), rows).units) == n


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [60, 900])
@pytest.mark.parametrize("shown", ["all", "counted", "zeros"])
def test_sums_of_the_runoff_that_the_first_round_has_not(tmp_path, seed, size, shown):
    """Districts of one unit too, and those of which nothing is counted yet."""
    made = districts(seed, size, fewest=1)
    units = [row for _, own in made for row in own]
    contest = read(write(tmp_path / "first.csv", units), units)
    rng, later, expected = np.random.default_rng(seed + 100), [], np.zeros(2, int)
    for name, own in made:
        votes = [rng.multinomial(int(row.sum() * 0.9), [0.53, 0.47]) for _, row in own]
        counted = rng.random(len(own)) < (1 if shown == "all" else 0.6)
        if shown == "zeros":
            votes = [row * c for row, c in zip(votes, counted, strict=True)]
            counted[:] = True
        rows = [(u, v) for (u, _), v, c in zip(own, votes, counted, strict=True) if c]
        if rows:
            later += [whole(name, rows), *rows]
            expected += whole(name, rows)[1]
    path = write(tmp_path / "second.csv", later, names=contest.finalists)
    night = read_partial_returns(path, contest)
    assert [*night.totals.values()] == [*expected]
    returns = read_returns(path, contest=contest)
    assert [*returns.totals.values()] == [*expected]
    assert {*returns.units} <= {*contest.units}


def test_nothing_is_decided_on_votes_that_are_counted_twice(tmp_path):
    rng = np.random.default_rng(5)
    first = [(f"Ward {k + 1}", rng.multinomial(1000, [0.4, 0.38, 0.22])) for k in range(24)]
    listed = [("registered", ["1800"] * 24)]
    contest = read_contest(write(tmp_path / "f.csv", first, more=listed))
    rows = [(f"Ward {k + 1}", np.array([620 + k, 300 + 3 * k])) for k in range(14)]
    for place in (0, 3):
        kept = [*rows[:place], whole("Northam", rows[place:]), *rows[place:]]
        night = nowcast(contest, write(tmp_path / "s.csv", kept), draws=200)
        assert night.returns.totals["Alder"] == sum(votes[0] for _, votes in rows)
        assert night.decided is None


REGIONS = """Région,Département,Inscrits,Nuls,Ada,Ben,Cyd
Nord,,30000,300,9000,7000,3000
Nord,Lille,20000,200,6000,4500,2100
Nord,Arras,10000,100,3000,2500,900
Sud,,33000,310,8000,9000,3900
Sud,Nice,13000,110,3000,4000,1500
Sud,Toulon,20000,200,5000,5000,2400
"""
ALL = ",,63000,610,17000,16000,6900\n"


def below_their_parts(text):
    head, north, *first, south, nice, toulon = text.splitlines()
    return "\n".join([head, *first, north, nice, toulon, south]) + "\n"


def named_once(text):
    for name in ("Nord,L", "Nord,A", "Sud,N", "Sud,T"):
        text = text.replace(name, name[-2:])
    return text


@pytest.mark.parametrize("empty", [",,", ",-,", ",n/a,"])
@pytest.mark.parametrize("last", ["", ALL, f"Total{ALL}", f"France{ALL}"])
@pytest.mark.parametrize("order", [str, below_their_parts, named_once])
def test_sums_may_have_no_name_of_a_unit(tmp_path, empty, last, order):
    """Units were named by region, and refused as there are several of a region."""
    path = tmp_path / "t.csv"
    path.write_text(order(REGIONS).replace(",,", empty) + last, "utf-8")
    found = read_contest(path, advancement="top two")
    assert sorted(found.units) == ["Arras", "Lille", "Nice", "Toulon"]
    assert dict(found.totals) == {"Ada": 17000, "Ben": 16000, "Cyd": 6900}
    assert found.registered.sum() == 63000
    assert dict(zip(found.units, found.regions, strict=True))["Nice"] == "Sud"


def test_a_row_without_a_unit_that_is_no_sum_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(REGIONS.replace("9000,7000", "9001,7000"), "utf-8")
    with pytest.raises(InputError, match="Nord"):
        read_contest(path, advancement="top two")


def test_a_sum_without_a_region_leaves_units_their_names(tmp_path):
    """Units of the night had other names than those of the first round, and all were unknown."""
    first = REGIONS.replace("Nord,,30000,300,9000,7000,3000\n", "")
    (tmp_path / "f.csv").write_text(first.replace("Sud,,33000,310,8000,9000,3900\n", ""), "utf-8")
    contest = read_contest(tmp_path / "f.csv", advancement="top two")
    night = "Région,Département,Inscrits,Nuls,Ada,Ben\nNord,Lille,20000,200,7000,5500\n"
    more = "Sud,Nice,13000,110,4000,5000\n,France,33000,310,11000,10500\n"
    (tmp_path / "r.csv").write_text(night + more, "utf-8")
    found = read_partial_returns(tmp_path / "r.csv", contest)
    assert found.votes.sum(axis=0).tolist() == [11000, 10500]
    assert found.counted.sum() == 2


def tree(rng, depth, number, *, above):
    """Return rows of units and sums of any depth, each sum above or below what it is made of."""
    if depth == 0 or (depth < 3 and rng.random() < 0.4):
        counts = rng.poisson(rng.lognormal(8, 1) * rng.dirichlet([8, 7, 5, 1]))
        return [(f"Place {next(number)}", counts, True)]
    alone = 0 < depth < 3 and rng.random() < 0.15
    parts = [
        row
        for _ in range(1 if alone else int(rng.integers(2, 6)))
        for row in tree(rng, depth - 1, number, above=above)
    ]
    name = "Total" if depth == 3 else f"Area {next(number)}"
    own = (name, sum(counts for _, counts, unit in parts if unit), False)
    return [own, *parts] if above else [*parts, own]


@pytest.mark.parametrize("seed", range(60))
def test_branches_of_any_depth_are_no_units(tmp_path, seed):
    """A region beside single units, in a country that is the sum of both."""
    rng = np.random.default_rng(seed)
    names = iter(rng.permutation(2000).tolist())
    rows = tree(rng, 3, names, above=bool(seed % 2))
    rows = [row for row in rows if row[0] != "Total" or seed % 3]
    units = [(name, counts) for name, counts, unit in rows if unit]
    path = write(tmp_path / "t.csv", [row[:2] for row in rows])
    if len(units) > 2:
        assert is_right(read(path, units), units)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("order", ["abroad last", "abroad first", "total first"])
def test_a_total_of_a_branch_and_a_unit_leaves_the_branch_a_sum(tmp_path, order, seed):
    rng = np.random.default_rng(seed)
    rows = units_of(rng, 3 + seed, 3, 9000)
    names = rng.permutation(["Zuzuri", "Konikvar", "Ashton", "Moru", *map(str, range(40, 60))])
    inside = list(zip(names.tolist(), rows, strict=False))
    abroad = ("Abroad", units_of(rng, 1, 3, 9000)[0])
    domestic, total = whole("Domestic", inside), whole("Total", [*inside, abroad])
    table = {
        "abroad last": [*inside, domestic, abroad, total],
        "abroad first": [*inside, abroad, domestic, total],
        "total first": [total, domestic, abroad, *inside],
    }[order]
    units = [*inside, abroad]
    assert is_right(read(write(tmp_path / "t.csv", table), units), units)


@pytest.mark.parametrize("seed", range(30))
def test_sums_are_found_where_one_column_is_off_by_a_few(tmp_path, seed):
    """Late corrections, or a misprint, reached the votes of one candidate in some rows only."""
    rng = np.random.default_rng(1000 + seed)
    names = iter(rng.permutation(2000).tolist())
    rows, k = tree(rng, 3, names, above=bool(seed % 2)), int(rng.integers(3))
    units = [(name, counts) for name, counts, unit in rows if unit]
    for _, counts, unit in rows:
        counts[k] += 0 if unit or rng.random() < 0.3 else rng.integers(1, 7)
    path = write(tmp_path / "t.csv", [row[:2] for row in rows])
    if len(units) > 4:
        assert is_right(read(path, units), units)
