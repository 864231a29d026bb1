"""Units of real runoffs in any order are no sums of their neighbours; real totals of them are."""

import numpy as np
import pandas as pd
import pytest

from forecast.facts.tables.totals import total_rows


def wide(rows):
    """Return votes by unit and option."""
    return rows.pivot_table(
        index="unit", columns="option", values="votes", aggfunc="sum", fill_value=0
    )


def sums_in(table):
    """Return the names of the rows that are taken for sums, if nothing is known by their names."""
    counts = [table[c].to_numpy(np.int64) for c in table]
    found = total_rows("table", [f"u{i}" for i in range(len(table))], counts)
    return list(table.index[found.rows])


def test_no_unit_is_a_sum_by_accident(forecast_data):
    """Polling stations of 173 cities, both rounds: as listed, shuffled and by size."""
    rng, tables = np.random.default_rng(0), 0
    every = pd.read_parquet(forecast_data / "units/bg_mayors_2011_sections.parquet")
    for _, rows in every.groupby(["election_id", "round"]):
        table = wide(rows)
        if len(table) < 4:
            continue
        tables += 1
        orders = (np.arange(len(table)), rng.permutation(len(table)), np.argsort(table.sum(axis=1)))
        for order in orders:
            assert sums_in(table.iloc[order]) == []
    assert tables > 300


@pytest.mark.parametrize("election", ["PL-PRES-2020-OBWOD", "RO", "BR"])
def test_no_unit_of_a_country_is_a_sum_by_accident(forecast_data, election):
    names = {"PL": "pl_pres_2020", "RO": "ro_pres_2009_locality", "BR": "br_pres_2018_munzona"}
    rows = pd.read_parquet(forecast_data / f"units/{names[election[:2]]}.parquet")
    rows = rows[(rows["round"] == 1) & (rows["kind"] == "candidate")]
    if "-" in election:
        rows = rows[rows["election_id"] == election]
    table = wide(rows)
    order = np.random.default_rng(1).permutation(len(table))
    assert sums_in(table.iloc[order]) == []


def test_totals_of_municipalities_among_their_stations_are_found(forecast_data):
    """A file of Poland 2020 in which both stand; nothing but a municipality is taken for a sum."""
    rows = pd.read_parquet(forecast_data / "units/pl_pres_2020.parquet")
    table = wide(rows[(rows["round"] == 1) & (rows["kind"] == "candidate")])
    whole = {name for name in table.index if " " in name}
    found = sums_in(table)
    assert len(found) > 2000
    assert {*found} <= whole
