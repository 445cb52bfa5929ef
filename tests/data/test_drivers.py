"""A user's own drivers: what is read, what is forgiven, how it travels, and the sentence for everything else."""

import json

import pytest

import allysim as al
from allysim.config import Scenario
from allysim.drivers import DRIVERS, OwnDrivers, read_drivers
from allysim.errors import ConfigError, DataError

GOOD = "month,driver,value\n12,demand,0.8\n24,demand,1\n6,input_price,1.25\n"
SMALL = {"months": 24, "firms.n": 12, "firms.focal": 4}


def written(folder, content, name="mine.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder, content):
    return read_drivers(written(folder, content))


def test_a_value_holds_until_the_next_one(tmp_path):
    own = read(tmp_path, GOOD)
    assert own.names == ("demand", "input_price")
    assert [own.at(month)["demand"] for month in (0, 11, 12, 23, 24, 1000)] == [1.0, 1.0, .8, .8, 1.0, 1.0]
    assert [own.at(month)["input_price"] for month in (5, 6, 1000)] == [1.0, 1.25, 1.25]
    assert own.notes == (
        "Driver demand follows your file: 2 values from 0.8 to 1 from month 12 on, in place of the scenario's slump.",
        "Driver input_price follows your file: 1 value from 1.25 to 1.25 from month 6 on, in place of the scenario's "
        "step, jumps and cycle of input prices.")


@pytest.mark.parametrize("content", [
    GOOD.replace(",", ";").replace("0.8", "0,8").replace("1.25", "1,25"),
    GOOD.replace("demand", "Demand").replace("month", "Month"),
    "\ufeff# from the bank\n\n" + GOOD.replace("\n", "\r\n"),
    "driver,value,month\ninput_price,1.25,6\ndemand,1,24\ndemand,.8,12.0\n",
], ids=["decimal commas", "capital letters", "comments", "another order"])
def test_written_another_way_it_is_the_same(tmp_path, content):
    assert read(tmp_path, content) == read(tmp_path, GOOD)
    assert hash(read(tmp_path, content)) == hash(read(tmp_path, GOOD))


@pytest.mark.parametrize(("content", "sentence"), [
    ("", "is empty: a file of drivers starts with a line of column names: month,driver,value"),
    ("month,driver,value\n", "has a header but no driver: add a row such as 12,demand,0.8 below line 1"),
    ("month,driver\n1,demand\n", "line 1: column 'value' is missing; month, driver, value are needed"),
    ("month,driver,values\n", "line 1: unknown column 'values'; did you mean 'value'? (allowed are month, driver,"),
    ("month,demand,input_price\n1,1,1\n", "line 1: 'demand' is a driver and no column: the columns are month, driver, "
                                          "value, with a row such as 12,demand,0.8"),
    ("month,driver,value,value\n", "line 1: column 'value' stands there twice"),
    ("month,driver,value\n1,demand\n", "line 2 has 2 cells where the header has 3"),
    ("month,driver,value\n1,demand,0,8\n", "line 2 has 4 cells where the header has 3; numbers with a decimal comma"),
    ("month,driver,value\n1,demnd,1\n", "line 2, column driver: 'demnd' is not allowed; it takes demand, "
                                        "demand.legacy, demand.electric, demand.software, demand.services, "
                                        "input_price, disruption, price_sensitivity; did you mean 'demand'?"),
    ("month,driver,value\n1,demand.electrc,1\n", "did you mean 'demand.electric'?"),
    ("month,driver,value\n0,demand,1\n", "line 2, column month: '0' is not allowed; it takes a whole number from 1 to "
                                         "1,200 (month 0 is the world as given)"),
    ("month,driver,value\n1.5,demand,1\n", "column month: '1.5' is not allowed; it takes a whole number"),
    ("month,driver,value\nJune,demand,1\n", "column month: 'June' is not allowed; it takes a whole number"),
    ("month,driver,value\n1,demand,\n", "line 2, column value: the cell is empty but needed"),
    ("month,driver,value\n1,demand,high\n", "column value: 'high' is not a number; it takes a number from 0.01 to "
                                            "100, a factor on the demand of all segments"),
    ("month,driver,value\n1,demand,0\n", "column value: '0' is out of range; it takes a number from 0.01 to 100"),
    ("month,driver,value\n1,price_sensitivity,9\n", "'9' is out of range; it takes a number from 0.5 to 4, a factor "
                                                    "on the price sensitivity of buyers"),
    ("month,driver,value\n1,demand,1\n2,demand,1\n1,demand,.9\n", "line 4: demand has a value for month 1 in line 2 "
                                                                  "already; each driver has one value a month"),
    ("month,driver,value\n0,x,\n0,demand,1\n", "(and 3 more faults in this file)"),
    (b"month,driver,value\n1,demand,\xe9\n", "line 2: byte 0xe9 is not UTF-8 text"),
    (b"PK\x03\x04", "is a spreadsheet, not a CSV file"),
])
def test_a_bad_file_is_refused_in_one_sentence(tmp_path, content, sentence):
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    said = str(caught.value)
    assert "mine.csv" in said and sentence in said and "\n" not in said


def test_a_missing_file_names_the_nearest(tmp_path):
    written(tmp_path, GOOD)
    with pytest.raises(DataError, match=r"there is no file .*mines\.csv; did you mean 'mine\.csv'\?"):
        al.scenario(**{"scenario.path": tmp_path / "mines.csv"})
    with pytest.raises(DataError, match=r"is a folder: scenario\.path takes the path of a CSV file"):
        al.scenario(**{"scenario.path": tmp_path})


@pytest.mark.parametrize("name", DRIVERS)
def test_the_bounds_of_every_driver_run(tmp_path, name):
    for value in DRIVERS[name].allowed:
        path = written(tmp_path, f"month,driver,value\n2,{name},{value}\n")
        al.run(al.scenario(months=3, **{"firms.n": 12, "firms.focal": 2, "scenario.path": path}))


def test_it_travels_with_the_scenario(tmp_path):
    path = written(tmp_path, GOOD)
    own = read_drivers(path)
    made = al.scenario("supply_stress", **SMALL, **{"scenario.path": path})
    path.unlink()  # nothing below reads it again
    assert made.driven == own
    assert made.replace(governance="light").driven == own
    assert Scenario.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    assert "driven=demand, input_price" in repr(made)
    assert made.replace(scenario="supply_stress").driven is None, "a preset replaces the whole section"
    assert made.replace(scenario="supply_stress") == al.scenario("supply_stress", **SMALL)
    assert made.replace({"scenario.path": None}).driven is None


def test_the_hash_is_that_of_the_contents(tmp_path):
    one = al.scenario(**{"scenario.path": written(tmp_path, GOOD)})
    same = al.scenario(**{"scenario.path": written(tmp_path, GOOD.replace(",", ";"), "other.csv")})
    other = al.scenario(**{"scenario.path": written(tmp_path, GOOD.replace("0.8", "0.81"), "third.csv")})
    assert one.digest(1) == same.digest(1) != other.digest(1)
    assert al.scenario().digest(1) not in (one.digest(1), other.digest(1))


@pytest.mark.parametrize(("spoil", "sentence"), [
    (lambda d: d.pop("value"), "the drivers of this configuration lack their column 'value'"),
    (lambda d: d.update(valu=[1]), "unknown column of the drivers 'valu'; did you mean 'value'?"),
])
def test_a_spoilt_configuration_is_refused(tmp_path, spoil, sentence):
    content = al.scenario(**{"scenario.path": written(tmp_path, GOOD)}).to_dict()
    spoil(content["driven"])
    with pytest.raises(ConfigError) as caught:
        Scenario.from_dict(content)
    assert sentence in str(caught.value)


def test_a_fork_may_be_driven_otherwise(tmp_path):
    """The same months before, the series of the user's after, at the values of their months."""
    run = al.run(al.scenario(**SMALL), seed=3)
    forked = run.fork(18, **{"scenario.path": written(tmp_path, GOOD)})
    assert forked.series.iloc[:19].equals(run.series.iloc[:19])
    surplus = [each.series["population.consumer_surplus"].iloc[19] for each in (forked, run)]
    assert surplus[0] < .9 * surplus[1]
    again = al.run(al.scenario(**SMALL), seed=3).fork(18, **{"scenario.path": written(tmp_path, GOOD)})
    assert again.series.equals(forked.series)


def test_saved_and_taken_up_again(tmp_path):
    made = al.scenario(**SMALL, **{"scenario.path": written(tmp_path, GOOD)})
    model = al.AllianceModel(made, rng=2)
    for _ in range(14):
        model.step()
    model.save(tmp_path / "kept.run")
    whole, again = al.run(made, seed=2), al.AllianceModel.load(tmp_path / "kept.run")
    (tmp_path / "mine.csv").unlink()
    for _ in range(10):
        again.step()
    assert again.results().series.equals(whole.series)


def test_round_trip():
    own = OwnDrivers(((1, "demand", .5), (4, "demand", 1.0), (2, "disruption", 0.0)))
    assert OwnDrivers.from_dict(json.loads(json.dumps(own.to_dict()))) == own
