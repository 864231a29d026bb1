"""The words of a report, for readers who meet them for the first time."""

from __future__ import annotations

GLOSSARY = (
    ("Runoff", "the second round, in which only the finalists stand."),
    ("Finalist, eliminated", "a candidate who advances to the runoff; one who does not."),
    ("Share", "a finalist’s fraction of the valid votes for all finalists in the runoff."),
    (
        "Win probability",
        "how likely a finalist is to win, as far as anybody can know now. About 2 in 3 means that "
        "of many forecasts like this one, the favourite loses one in three.",
    ),
    (
        "90% interval",
        "the range that contains the result with probability 90% if the model is right: one time "
        "in ten it falls outside.",
    ),
    ("Median", "the middle of the forecast: the result is as likely to be above as below."),
    (
        "Transfer",
        "the fraction of one group of people, such as a candidate’s voters, who do one thing in "
        "the runoff: vote for a finalist, or for nobody.",
    ),
    ("Participation", "the fraction of a group who cast a valid vote in the runoff."),
    ("Preference", "of those of a group who cast a valid vote, the fraction for one finalist."),
    ("Turnout", "ballots, invalid ones included, over registered people."),
    ("Swing", "a movement of preference that all groups share."),
    (
        "Mobilisation",
        "a movement of participation that all groups share; it is partisan if it brings back the "
        "voters of one finalist and keeps those of the other at home.",
    ),
    ("Population", "what past runoffs have in common, as far as we know it; an input of its own."),
    ("Draw", "one simulated runoff; the forecast is what many of them have in common."),
    ("Prior", "what was believed about the transfers before any runoff vote was counted."),
)
"""Words and what they mean, in the order in which a page uses them."""
