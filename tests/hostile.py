"""Readers and their seeds, mutations of these, and limits under which a reader must answer.

A new reader is one more line of `READERS`: how to read a path, what a valid object must then bear,
its file's ending, and valid files to start from.
"""

from __future__ import annotations

import gc
import json
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import small
from hypothesis import strategies as st

from forecast import (
    InputError,
    forecast_runoff,
    learned_prior,
    load_contest,
    read_contest,
    read_learned,
    read_partial_returns,
    read_past_runoffs,
    read_polls,
    read_prior,
    read_returns,
    read_turnout,
)
from forecast.files.reading import read_text
from forecast.report.nowcast_page import read_history
from forecast.transfers.elicited.file import prior_toml
from forecast.transfers.roles.file import learned_json, read_roles
from forecast.validation.frozen import freeze, frozen_text, read_frozen

SECONDS = 2.0
"""Processor time, so that a busy machine does not decide."""
MEGABYTES = 500

WIDE = "unit,region,registered,invalid,ada,ben,cid\nn,x,900,10,300,250,60\ns,y,800,5,200,260,70\n"
LONG = "unit;candidate;votes\nn;ada;30\nn;ben;25\nn;cid;8\ns;ben;15\ns;ada;2\ns;cid;9\n"
RUNOFF = "unit,ada,ben,invalid,ballots\nnorth,400,350,7,760\nsouth,310,290,9,620\n"


def learned_seed() -> str:
    """Return a bundled learned prior with three of its draws."""
    content = json.loads(learned_json(learned_prior(load_contest("georgia-2018")).prior))
    shared = {"factors"}
    content["draws"] = {k: v if k in shared else v[:3] for k, v in content["draws"].items()}
    return json.dumps(content | {"summary": {}, "left_out": {}, "provenance": {}})


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One way in."""

    read: Callable[[Path], Any]
    use: Callable[[Any], Any]
    ending: str
    seeds: tuple[str, ...]


CONTEST = small.contest()
POLLS = "pollster,n,ada,ben,undecided,known,sponsor,side\nAcme,900,0.4,0.3,0.2,2030-01-09,X,ada\n"
ROLES = "nationwide = true\n[roles]\nada = 'leader'\n'*' = 'eliminated'\n[traits]\nx = 0.5\n"
PAST = (
    "contest,round,candidate,votes,unit,date,role,withdrawn,title,source\n"
    "x,1,ada,40,n,2020-01-01,,,X,s\nx,1,ben,30,n,,,,X,s\nx,1,cid,20,n,,z,,X,s\n"
    "x,1,invalid,3,n,,,,X,s\nx,1,registered,150,n,,,,X,s\n"
    "x,2,ada,44,n,2020-02-01,,y,X,s\nx,2,ben,45,n,,,,X,s\n"
)
HISTORY = (
    '{"at": "21:40", "units": 2, "of_units": 3, "counted_share": 0.4, "level": 0.9, '
    '"counted": {"ada": 9, "ben": 7}, "so_far": {"ada": 0.5625, "ben": null}, '
    '"share": {"ada": {"median": 0.5, "low": 0.4, "high": 0.6}, '
    '"ben": {"median": 0.5, "low": 0.4, "high": 0.6}}, '
    '"win_probability": {"ada": 0.6, "ben": 0.4}, "decided": null}\n'
)
TURNOUT = (
    "unit,first_round,runoff,registered\nharbour,320,410,1010\nhill,150,190,\n",
    "unit;first_round;runoff\nharbour;32 %;41.5%\nhill;;\n",
    "unit,first_round,runoff\nharbour,0.32,0.415\n",
)
SO_FAR = "unit,ada,ben,counted,attached_to\nharbour,40,35,1,\nhill,31,29,0.5,\n"


def folder_with(path: Path) -> Path:
    """Return a folder of returns with a sound file and then a link to this one."""
    folder = path.parent / "folder"
    folder.mkdir(exist_ok=True)
    (folder / "1.csv").write_text(SO_FAR, "utf-8")
    link = folder / "2.csv"
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    return folder


def frozen_seed() -> str:
    """Return a frozen forecast."""
    found = forecast_runoff(CONTEST, small.elicited_prior(), draws=2000)
    return frozen_text(freeze(found, made="2030-01-01T00:00:00Z"))


READERS = {
    "contest": Reader(
        read=lambda path: read_contest(path, electorate="voters"),
        use=lambda contest: (contest.ledger("unit"), contest.digest),
        ending=".csv",
        seeds=(WIDE, LONG),
    ),
    "returns": Reader(
        read=read_returns, use=lambda found: found.totals, ending=".csv", seeds=(RUNOFF, WIDE)
    ),
    "prior": Reader(
        read=read_prior,
        use=lambda prior: (str(prior), prior_toml(prior)),
        ending=".toml",
        seeds=(prior_toml(small.elicited_prior()), prior_toml(small.dirichlet_prior())),
    ),
    "learned": Reader(
        read=read_learned,
        use=lambda prior: (prior.latest, prior.mean_table, learned_json(prior)),
        ending=".json",
        seeds=(learned_seed(),),
    ),
    "polls": Reader(
        read=lambda path: read_polls(path, CONTEST),
        use=lambda polls: [(poll.name, poll.answers) for poll in polls],
        ending=".csv",
        seeds=(POLLS,),
    ),
    "reporting": Reader(
        read=lambda path: read_partial_returns(path, CONTEST),
        use=str,
        ending=".csv",
        seeds=(SO_FAR,),
    ),
    "turnout": Reader(
        read=lambda path: read_turnout(path, CONTEST),
        use=lambda found: found.smoothed(CONTEST.ledger(by="unit").counts.sum(axis=1)),
        ending=".csv",
        seeds=TURNOUT,
    ),
    "folder": Reader(
        read=lambda path: read_partial_returns(folder_with(path), CONTEST),
        use=str,
        ending=".csv",
        seeds=(SO_FAR,),
    ),
    "roles": Reader(
        read=read_roles,
        use=lambda found: (found["roles"], str(found)),
        ending=".toml",
        seeds=(ROLES,),
    ),
    "past": Reader(
        read=read_past_runoffs,
        use=lambda found: [(found.roles[c.name], c.digest, r.totals) for c, r in found],
        ending=".csv",
        seeds=(PAST,),
    ),
    "history": Reader(
        read=lambda path: read_history(path, CONTEST.finalists),
        use=lambda records: sum(
            r["counted_share"] + r["share"][f]["low"] + (r["so_far"][f] or 0)
            for r in records
            for f in CONTEST.finalists
        ),
        ending=".jsonl",
        seeds=(HISTORY, HISTORY * 2),
    ),
    "frozen": Reader(
        read=lambda path: read_frozen(read_text(path), where=path.name),
        use=frozen_text,
        ending=".json",
        seeds=(frozen_seed(),),
    ),
}

TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"\n\n", b"=",
    b"nan", b"inf", b"-inf", b"NaN", b"Infinity", b"1e999", b"-1", b"-0.0", b"0.5", b"1e308",
    b"true", b"null", b"9" * 30, b"9" * 5000, b"0x" + b"f" * 5000, b"1_000", b"1.000",
    "١٢٣".encode(),
    "\u202e".encode(), "\u2028".encode(), b"\\ud800", b"\\u0000", b"\xed\xa0\x80", b"\x1b[2J",
    b"[" * 3000, b"{" * 3000, b"{a=" * 2000, b"a." * 3000, b"[[row]]\n", b"{}", b"[]", b'""',
    b"unit", b"candidate", b"votes", b"source", b"*", b"none", b"non-voters", b"2018-10-28",
    b"x" * 3000,
    b"__class__", b"!!python/object/apply:os.system", b"cos\nsystem\n", b"=cmd()", b"../../x",
    b"\\",
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, seeds: tuple[str, ...]) -> bytes:
    """Return a valid file after a few cuts, repetitions, insertions and exchanges."""
    content = draw(st.sampled_from(seeds)).encode()
    for _ in range(draw(st.integers(1, 4))):
        a, b = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        b = min(b, a + draw(st.sampled_from([0, 1, 3, 30, len(content)])))
        token = draw(st.sampled_from(TOKENS) | st.binary(max_size=4))
        match draw(st.sampled_from(["put", "cut", "double", "words", "values"])):
            case "put":
                content = content[:a] + token + content[b:]
            case "cut":
                content = content[:a] + content[b:]
            case "double":
                content = content[:b] + content[a:b] * 2 + content[b:]
            case "words":  # what stands between two delimiters becomes something else
                content = exchanged(content, a, b",;\t\n[]{}= ", token)
            case "values":
                content = exchanged(content, a, b",\n=:", token)
    return content[:100_000]


def exchanged(content: bytes, place: int, delimiters: bytes, token: bytes) -> bytes:
    """Return the content with the piece between delimiters around a place exchanged."""
    start, end = place, place
    while start > 0 and content[start - 1] not in delimiters:
        start -= 1
    while end < len(content) and content[end] not in delimiters:
        end += 1
    return content[:start] + token + content[end:]


NAMES = st.sampled_from(
    ["unit", "candidate", "votes", "region", "registered", "invalid", "ballots", "source", "a", "b"]
) | st.text(max_size=8)
CELLS = st.sampled_from(["n", "s", "a", "b", "", "0", "7", "1e3", "nan", "9" * 25]) | st.text(
    max_size=6
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from([10**400, -(2**63), "2018-10-28", "*"])
)
TREES = st.recursive(
    LEAVES,
    lambda x: st.lists(x, max_size=4) | st.dictionaries(NAMES, x, max_size=4),
    max_leaves=12,
)


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Return a table of nonsense, in width, names and cells."""
    names = draw(st.lists(NAMES, min_size=1, max_size=6))
    rows = draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=5))
    delimiter = draw(st.sampled_from(",;\t"))
    text = "\n".join(delimiter.join(row) for row in [names, *rows])
    return text.encode(draw(st.sampled_from(["utf-8", "utf-16", "utf-8-sig"])), "surrogatepass")


@st.composite
def trees(draw: st.DrawFn, seed: str) -> bytes:
    """Return a valid JSON file in which one branch is nonsense."""
    content = json.loads(seed)
    place: Any = content
    key = draw(st.sampled_from(sorted(content)))
    while isinstance(place[key], list | dict) and place[key] and draw(st.booleans()):
        place = place[key]
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = draw(st.sampled_from(keys))
    place[key] = draw(TREES)
    return json.dumps(content).encode()


def files(name: str) -> st.SearchStrategy[bytes]:
    """Return the strategy of one reader: mutations, nonsense of its kind, and plain bytes."""
    reader = READERS[name]
    kind = trees(reader.seeds[0]) if reader.ending in (".json", ".jsonl") else tables()
    return mutated(reader.seeds) | mutated(reader.seeds) | kind | st.binary(max_size=300)


class TooSlow(Exception):
    """A reader took too much processor time."""


@contextmanager
def limited(seconds: float = SECONDS, megabytes: int = MEGABYTES) -> Iterator[None]:
    """Stop what takes more processor time or more additional memory."""

    def stop(*_: object) -> None:
        raise TooSlow(f"more than {seconds} s")

    gc.freeze()  # what earlier tests left is not searched again on this reader's time
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    ours = pages * resource.getpagesize() + megabytes * 2**20
    handler = signal.signal(signal.SIGPROF, stop)
    resource.setrlimit(resource.RLIMIT_AS, (ours, before[1]))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.signal(signal.SIGPROF, handler)
        gc.unfreeze()


def answer(name: str, path: Path, *, seconds: float = SECONDS) -> str:
    """Return "valid" or the complaint; whatever else happens is an exception."""
    reader = READERS[name]
    with limited(seconds):
        try:
            found = reader.read(path)
        except InputError as error:
            return str(error)
        reader.use(found)
    return "valid"
