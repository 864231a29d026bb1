"""Names of columns in the words of many countries: each was once read wrongly, or refused."""

import pytest

from forecast import InputError, read_contest, read_partial_returns

GLUED = (
    "uprawnieni kartywydane glosyniewazne", "registeredvoters ballotscast invalidvotes",
    "electoresinscritos votosemitidos votosnulos", "inscrits votants votesblancs",
)  # fmt: skip


@pytest.mark.parametrize("names", GLUED)
def test_words_written_together_are_understood(tmp_path, names):
    """Invalid ballots of a table of the Polish commission were left out."""
    path = tmp_path / "t.csv"
    path.write_text(f"unit,{','.join(names.split())},Ada,Ben,Cid\nn,900,510,10,200,180,120\n"
                    "s,800,430,9,160,150,111\nw,700,400,8,140,150,102\n")  # fmt: skip
    found = read_contest(path)
    assert found.candidates == ("Ada", "Ben", "Cid")
    assert (found.registered.sum(), found.invalid.sum()) == (2400, 27)


def issued(tmp_path, missing, people="Ada,Ben,Cid"):
    """Thirty units in some of which fewer ballots were handed out than found."""
    lines = [f"unit,registered,ballots issued,invalid,{people}"]
    for k in range(30):
        votes = [200 + k, 180 - k, 120 + k % 7][: people.count(",") + 1]
        votes[1] += 50 * (len(votes) == 2)
        lines.append(f"u{k},900,{sum(votes) + 9 - missing[k]},9,{','.join(map(str, votes))}")
    path = tmp_path / f"{people.count(',')}.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_ballots_a_little_fewer_than_counted_are_not_used(tmp_path):
    """A table with ballots handed out was refused, as they are not all in their own box."""
    few = [1, 2, 1] + [0] * 27
    contest = read_contest(issued(tmp_path, few))
    assert contest.invalid.sum() == 270
    told = "not used: in 3 of 30 units it is less than what was counted, by 4 ballots in all"
    assert any(told in note for note in contest.notes)
    night = read_partial_returns(issued(tmp_path, few, "Ada,Ben"), contest)
    assert any(told in note for note in night.notes)
    for many in ([40, 30, 30] + [0] * 27, [1] * 16 + [0] * 14):
        with pytest.raises(InputError, match="cannot exceed ballots"):
            read_contest(issued(tmp_path, many))
    one = read_contest(issued(tmp_path, [1] + [0] * 29))
    assert any("1 unit is self-contradictory" in note for note in one.notes)


SEEN = {
    "Аймаг,Сонгогчийн тоо,Санал өгсөн,Цагаан хуудас,Хүчингүй": (900, 510, 20, 10),
    "Cantón,Electorado,Nulos,Blancos,Abstencionismo": (900, 20, 10, 390),
    "Département,Inscrits,Votants,Nuls,Suffrages valablement exprimés": (900, 510, 30, 480),
    "უბანი,სიაში,მონაწილეობა მიიღო,ბათილი": (900, 510, 30),
    "Općina,Rbr BM,Upisano,Nevažeći": (1, 900, 30),
    "Munisípiu,Eleitór,Nulu,Branku": (900, 20, 10),
    "Provincia,Electores,Votos nulos,Votos positivos": (900, 30, 480),
    "Općina,Upisano,Nevaž.,Apstinencija": (900, 30, 390),
    "Suku,Eleitór,Votu Nulu": (900, 30),
    "Οκρουγκ,Γραμμένοι,Απόντες,Άκυρα": (900, 390, 30),
    "Kunta,Äänioikeutettuja,Mitätöidyt": (900, 30),
    "Település,Választópolgár,Érvénytelenek": (900, 30),
    "עיר,רשומים,מצביעים,פסולים": (900, 510, 30),
    "Община,Гласоподаватели,Недейств.": (900, 30),
    "Област,Избиратели,Не гласувале,Неважечки": (900, 390, 30),
    "Municipality,Entitled to vote,Participated,Invalid": (900, 510, 30),
}
"""What columns of tables of several countries are called, and what stands there."""


@pytest.mark.parametrize("names", SEEN)
def test_words_of_further_countries(tmp_path, names):
    """Blank ballots of Mongolia, and the abstention of Costa Rica, were candidates."""
    lines = [f"{names},Ada,Ben,Cid"]
    for k in range(3):
        cells = [x + k if x == 1 else x for x in SEEN[names]]
        lines.append(f"{'nsw'[k]},{','.join(map(str, cells))},{200 - k},{180 + k},100")
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    found = read_contest(path)
    assert dict(found.totals) == {"Ada": 597, "Ben": 543, "Cid": 300}
    assert (found.registered.sum(), found.invalid.sum()) == (2700, 90)


@pytest.mark.parametrize("head", ["%", "Podiel v %", "Osuus %", "% Voix/exprimés", "in %"])
def test_percentages_behind_every_candidate_belong_to_these(tmp_path, head):
    path = tmp_path / "t.csv"
    text = f"Okres,Zapísaní,Ada,{head},Ben,{head},Cid,{head}\nA,900,200,40,180,36,120,24\n"
    path.write_text(text + "B,800,150,37.5,150,37.5,100,25\n", "utf-8")
    assert dict(read_contest(path).totals) == {"Ada": 350, "Ben": 330, "Cid": 220}
