"""Results of a comparison of a city's networks: tables, sentences, and the fewest UAVs."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sagin.cities.target import Target
from sagin.cities.variants import Variant
from sagin.places.settings import Costs
from sagin.slicing.scenario import Scenario
from sagin.studies.record import Table
from sagin.studies.statistics import Interval, sample_interval

WATT_HOURS = 1e-3
"""Energy of one watt over an hour, kWh."""
GBYTES = 3600.0 / 8e9
"""Traffic of one bit per second over an hour, gigabytes."""
SAME_USERS = 0.5
"""Difference of users below which networks count as equal."""


class CityAnswer(NamedTuple):
    """The numbers of a method in all networks (variants) of a city."""

    scenario: Scenario
    method: str
    hours: tuple[int, ...]
    tables: Mapping[Variant, Table]

    def values(self, variant: Variant, metric: str, hour: int) -> np.ndarray:
        """Return a number's values by drop in an hour."""
        cells = self.tables[variant].values(self.method, metric, float(hour))
        return np.array([cells[drop][0] for drop in sorted(cells)])

    def mean(self, variant: Variant, metric: str, hour: int) -> float:
        """Return a number's mean over drops in an hour."""
        return float(np.mean(self.values(variant, metric, hour)))

    def find_interval(self, variant: Variant, metric: str, hour: int) -> Interval:
        """Return a number's mean over drops with its 95 % interval."""
        return sample_interval(self.values(variant, metric, hour).tolist())

    def sum_day(self, variant: Variant, metric: str) -> np.ndarray:
        """Return the sum of a number over the hours, by drop."""
        return np.sum([self.values(variant, metric, hour) for hour in self.hours], axis=0)

    @property
    def busiest(self) -> int:
        """The hour with most unserved users in the present network, or else with most users."""
        base = Variant()
        key = {
            hour: (self.mean(base, "unserved", hour), self.mean(base, "users", hour))
            for hour in self.hours
        }
        return max(self.hours, key=lambda hour: key[hour])

    @property
    def cells(self) -> int:
        """Number of base stations."""
        return len(self.scenario.base_stations.positions_m)

    @property
    def most_uavs(self) -> int:
        """Largest number of compared UAVs."""
        return max(variant.uavs for variant in self.tables)


def find_overloaded(answer: CityAnswer, hour: int) -> list[int]:
    """Return the cells with more users in an hour than their capacity, numbered from 1."""
    capacity = float(answer.scenario.base_stations.capacity)
    return [
        cell
        for cell in range(1, answer.cells + 1)
        if answer.mean(Variant(), f"offered to BS {cell}", hour) > capacity
    ]


def find_useful_uavs(answer: CityAnswer, hour: int, satellites: bool = False) -> int:
    """Return the number of UAVs beyond which a further one has no effect in an hour.

    A further UAV has an effect if the paired difference of unserved users is at least SAME_USERS
    and its 95 % interval is above 0.
    """
    useful = 0
    for count in range(1, answer.most_uavs + 1):
        fewer = answer.values(Variant(useful, satellites), "unserved", hour)
        more = answer.values(Variant(count, satellites), "unserved", hour)
        gain = sample_interval((fewer - more).tolist())
        if gain.estimate >= SAME_USERS and gain.low > 0:
            useful = count
    return useful


def find_energy(answer: CityAnswer, variant: Variant, hours: Sequence[int]) -> float:
    """Return the additional energy of a variant over the present network in some hours, kWh."""
    extra = [
        answer.mean(variant, "power", hour) - answer.mean(Variant(), "power", hour)
        for hour in hours
    ]
    return WATT_HOURS * float(np.sum(extra))


def find_cost(answer: CityAnswer, variant: Variant, hours: Sequence[int]) -> float:
    """Return the additional cost of a variant over the present network in some hours, by `[costs]`.

    It counts energy, the hours of UAVs in the air, and the traffic over satellites.
    """
    costs = answer.scenario.costs or Costs()
    carried = sum(answer.mean(variant, "satellite_rate", hour) for hour in hours)
    return (
        find_energy(answer, variant, hours) * costs.energy_per_kwh
        + variant.uavs * len(hours) * costs.uav_per_hour
        + carried * GBYTES * costs.satellite_per_gbyte
    )


def meet_target(answer: CityAnswer, variant: Variant, target: Target) -> list[int]:
    """Return the hours in which a variant misses a target."""
    missed = []
    for hour in answer.hours:
        value = answer.mean(variant, target.name, hour)
        if target.name == "unserved":
            value /= max(answer.mean(variant, "users", hour), 1.0)
        if not target.is_met(value):
            missed.append(hour)
    return missed


def list_sentences(answer: CityAnswer, target: Target | None = None) -> list[str]:
    """Return the conclusions of the comparison as sentences."""
    hour, base = answer.busiest, Variant()
    cells, users = find_overloaded(answer, hour), answer.mean(base, "users", hour)
    unserved = answer.find_interval(base, "unserved", hour)
    verb = "is" if len(cells) == 1 else "are"
    names = f" ({', '.join(f'BS {cell}' for cell in cells)})" if cells else ""
    sentences = [
        f"At {hour} h {len(cells)} of {answer.cells} cells {verb} overloaded{names}, and "
        f"{_show(unserved)} of {users:.0f} users are unserved."
    ]
    if unserved.estimate < SAME_USERS:
        sentences.append("The present network serves all users: no relief is needed.")
    else:
        sentences += _describe_relief(answer, hour, unserved)
    if target is not None:
        sentences.append(describe_target(answer, target))
    return sentences


def _describe_relief(answer: CityAnswer, hour: int, unserved: Interval) -> list[str]:
    """Describe the effect of UAVs, satellites and both in the busiest hour, and UAVs' energy."""
    sentences, useful = [], find_useful_uavs(answer, hour)
    has_sky = any(variant.satellites for variant in answer.tables)
    before = f"{unserved.estimate:.0f}"
    if useful:
        left = answer.find_interval(Variant(useful), "unserved", hour)
        text = f"{_count(useful)} {'brings' if useful == 1 else 'bring'} unserved users from "
        text += f"{before} to {_show(left)}"
        further = "; a further one changes nothing" if useful < answer.most_uavs else ""
        sentences.append(f"{text}{further}.")
    elif answer.most_uavs:
        sentences.append(f"UAVs, up to {answer.most_uavs}, change nothing.")
    if has_sky:
        alone = answer.find_interval(Variant(0, True), "unserved", hour)
        sentences.append(f"The satellites alone: {_show(alone)}.")
        both = find_useful_uavs(answer, hour, True)
        if both and answer.most_uavs:
            left = answer.find_interval(Variant(both, True), "unserved", hour)
            sentences.append(f"{_count(both)} and the satellites: {_show(left)}.")
    if useful:
        needed = [number for number in answer.hours if find_useful_uavs(answer, number) > 0]
        energy = [find_energy(answer, Variant(useful), hours) for hours in (needed, answer.hours)]
        hours = f"{len(needed)} hour{'s' * (len(needed) != 1)}"
        sentences.append(
            f"Energy of {_count(useful)}: {energy[0]:.1f} kWh in the {hours} in which UAVs "
            f"help, {energy[1]:.1f} kWh in all {len(answer.hours)} computed hours."
        )
        if answer.scenario.costs is not None:
            sentences.append(_describe_cost(answer, Variant(useful), needed))
    if has_sky and answer.scenario.costs is not None:
        sentences.append(_describe_cost(answer, Variant(0, True), []))
    return sentences


def _describe_cost(answer: CityAnswer, variant: Variant, needed: Sequence[int]) -> str:
    """Describe the cost of a variant per day and in the hours in which it helps, if known."""
    currency = answer.scenario.costs.currency if answer.scenario.costs else ""
    whole = f"{find_cost(answer, variant, answer.hours):.2f} {currency}"
    name = variant.name if variant.uavs else "the satellites"
    hours = f"in all {len(answer.hours)} hours"
    if not needed:
        return f"Cost of {name}: {whole} a day {hours}."
    part = f"{find_cost(answer, variant, needed):.2f} {currency}"
    return f"Cost of {name}: {part} a day in those {len(needed)}, {whole} {hours}."


def describe_target(answer: CityAnswer, target: Target) -> str:
    """Describe how few UAVs meet a target in every hour, without and with the satellites."""
    parts = []
    for kind in sorted({variant.satellites for variant in answer.tables}):
        label = "with the satellites" if kind else "without satellites"
        counts = [
            count
            for count in range(answer.most_uavs + 1)
            if not meet_target(answer, Variant(count, kind), target)
        ]
        if counts:
            parts.append(f"{label} {_count(counts[0])}")
            continue
        missed = meet_target(answer, Variant(answer.most_uavs, kind), target)
        hours = ", ".join(f"{hour} h" for hour in missed)
        parts.append(f"{label} not met by {_count(answer.most_uavs)} at {hours}")
    return f"For {target} in every hour: {'; '.join(parts)}."


def _count(uavs: int) -> str:
    return f"{uavs or 'no'} UAV{'s' * (uavs != 1)}"


def _show(interval: Interval) -> str:
    """Return a number of users as text, with its interval if that has a width."""
    ends = [f"{max(end, 0.0):.0f}" for end in interval[1:]]
    is_known = np.isfinite(interval.low) and ends[0] != ends[1]
    return f"{interval.estimate:.0f}" + (f" ({ends[0]} to {ends[1]})" if is_known else "")


def list_day_rows(answer: CityAnswer) -> list[dict[str, Any]]:
    """Return one row per variant: sums and means over the hours, with intervals over drops."""
    rows = []
    for variant in answer.tables:
        present = answer.sum_day(variant, "users")
        share = answer.sum_day(variant, "unserved") / np.maximum(present, 1)
        numbers = {
            "unserved": share,
            **{
                name: answer.sum_day(variant, name) / len(answer.hours)
                for name in ("covered", "throughput", "delay", "power")
            },
        }
        row: dict[str, Any] = {"variant": variant.name, **variant._asdict()}
        row["peak"] = max(answer.mean(variant, "unserved", hour) for hour in answer.hours)
        row |= {
            name: sample_interval(values.tolist())._asdict() for name, values in numbers.items()
        }
        if answer.scenario.costs is not None:
            row["cost"] = find_cost(answer, variant, answer.hours)
        row["energy_kwh"] = WATT_HOURS * float(np.mean(answer.sum_day(variant, "power")))
        rows.append(row)
    return rows


def list_hour_rows(answer: CityAnswer) -> list[dict[str, Any]]:
    """Return one row per hour: users, loads of cells, and each variant's numbers."""
    rows = []
    for hour in answer.hours:
        offered = [
            answer.mean(Variant(), f"offered to BS {cell}", hour)
            for cell in range(1, answer.cells + 1)
        ]
        variants = {}
        for variant in answer.tables:
            names = ("unserved", "covered", "throughput", "delay", "power", "score")
            variants[variant.name] = {
                name: answer.find_interval(variant, name, hour)._asdict() for name in names
            } | {"load": _list_loads(answer, variant, hour)}
        rows.append(
            {
                "hour": hour,
                "users": answer.mean(Variant(), "users", hour),
                "offered": offered,
                "overloaded": find_overloaded(answer, hour),
                "variants": variants,
            }
        )
    return rows


def _list_loads(answer: CityAnswer, variant: Variant, hour: int) -> dict[str, float]:
    """Return the number of users whom each node serves in an hour."""
    metrics = answer.tables[variant].metrics
    return {
        name.removeprefix("load of "): answer.mean(variant, name, hour)
        for name in metrics
        if name.startswith("load of ")
    }
