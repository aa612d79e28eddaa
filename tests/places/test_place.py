"""Sites, users and hours of a place: compared with the sphere, shapely, and explicit sums."""

import gzip
import json
from datetime import datetime

import numpy as np
import pytest

from sagin.errors import InputError
from sagin.geometry.geodetic import surface_distance
from sagin.places.density import Spots, find_inside, load_spots
from sagin.places.profile import compute_weekday, list_local_hours, read_shares
from sagin.places.settings import CityOrbit, Density, Location, SiteChoice
from sagin.places.sites import load_sites, locate
from sagin.places.sky import follow_satellites, load_elements

CENTRE = (47.65, 9.47)
PLACES = [(47.65, 9.47), (47.6545, 9.4755), (47.6401, 9.4612)]


def write_sites(path, form):
    rows = [(lat, lon, 10 * number) for number, (lat, lon) in enumerate(PLACES, 1)]
    if form == "csv":
        lines = ["latitude;longitude;samples", *(f"{a};{b};{c}" for a, b, c in rows)]
        path.write_text("\n".join(lines) + "\n")
    else:
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [lon, lat]},
                "properties": {"samples": samples},
            }
            for lat, lon, samples in rows
        ]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return SiteChoice(file=str(path))


@pytest.mark.parametrize("form", ["csv", "geojson"])
def test_sites_of_every_form_stand_where_they_are(form, tmp_path):
    sites, places = load_sites(write_sites(tmp_path / f"sites.{form}", form), CENTRE, 4000.0)
    # those with the most measurements first
    assert sites.samples.tolist() == [30, 20, 10]
    written = SiteChoice(positions_deg=tuple(reversed(PLACES)))
    np.testing.assert_allclose(places, load_sites(written, CENTRE, 4000.0)[1], atol=1e-6)
    for (latitude, longitude), place in zip(reversed(PLACES), places, strict=True):
        reach = surface_distance(*np.deg2rad([*CENTRE, latitude, longitude]))
        assert np.hypot(*(place - 2000.0)) == pytest.approx(reach, rel=0.005, abs=0.01)


def test_filters_of_a_file_act(tmp_path):
    choice = write_sites(tmp_path / "sites.csv", "csv")
    for more, count in (
        ({"least_samples": 20}, 2),
        ({"count": 1}, 1),
        ({"spacing_m": 800.0}, 2),
        ({"radios": ("LTE",)}, None),
    ):
        chosen = SiteChoice(file=choice.file, **more)
        if count is None:
            with pytest.raises(InputError, match="no such site"):
                load_sites(chosen, CENTRE, 4000.0)
        else:
            assert len(load_sites(chosen, CENTRE, 4000.0)[1]) == count


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"type": "FeatureCollection", "features": []}', "no point"),
        ("[1, 2]", "not GeoJSON"),
        (
            '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [999, 1]}, '
            '"properties": {}}',
            "allowed: longitude, latitude",
        ),
        ('{"type": "Feature", "geometry": [1], "properties": {}}', "not GeoJSON"),
        ('{"type": "FeatureCollection", "features": [3]}', "not GeoJSON"),
        ('{"error": "log in first"}', "no data but a message"),
        ("<html><b>Busy</b></html>", "no data but a message: 'Busy'"),
        *(
            (
                '{"type": "Feature", "geometry": {"type": "Point", "coordinates": '
                f'{place}}}, "properties": {{"samples": {samples}}}}}',
                words,
            )
            for place, samples, words in (
                ('{"a": 1}', 1, "position {'a': 1}"),
                ("[NaN, 1]", 1, "position"),
                ('["9", "47"]', 1, "position"),
                ("[9.47, 47.65]", '"many"', "property 'samples': 'many'"),
                ("[9.47, 47.65]", -1, "property 'samples': -1"),
            )
        ),
    ],
)
def test_what_is_no_geojson_of_sites(content, words, tmp_path):
    (tmp_path / "sites.geojson").write_text(content)
    with pytest.raises(InputError, match=words) as caught:
        load_sites(SiteChoice(file=str(tmp_path / "sites.geojson")), CENTRE, 4000.0)
    assert "\n" not in str(caught.value)


def test_sites_beyond_the_square_are_told():
    with pytest.raises(InputError, match="site 2 is not in the square of 500 m"):
        load_sites(SiteChoice(positions_deg=tuple(PLACES)), CENTRE, 500.0)


def test_areas_become_discs_of_their_density(tmp_path):
    shapely = pytest.importorskip("shapely")
    rings = [
        [(9.46, 47.645), (9.475, 47.645), (9.475, 47.655), (9.46, 47.655), (9.46, 47.645)],
        [(9.465, 47.648), (9.47, 47.648), (9.467, 47.652), (9.465, 47.648)],
    ]
    area = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": rings},
        "properties": {"density": 250.0},
    }
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [area]}))
    spots = load_spots(Density(file=str(path)), None, CENTRE, 3000.0)
    local = [locate(*np.array(ring)[:, ::-1].T, CENTRE) + 1500.0 for ring in rings]
    shape = shapely.Polygon(local[0], [local[1]])
    inside = shapely.contains_xy(shape, *spots.rows[:, :2].T)
    assert (spots.rows[:, 2] == 250.0 * inside).all()
    squares = (3000.0 / 64) ** 2 * np.count_nonzero(spots.rows[:, 2])
    assert squares == pytest.approx(shape.area, rel=0.02)
    points = np.random.default_rng(1).random((500, 2)) * 3000.0
    np.testing.assert_array_equal(find_inside(points, local), shapely.contains_xy(shape, *points.T))


@pytest.mark.parametrize(
    ("coordinates", "density", "words"),
    [
        ("[[[9, 47], [NaN, 47], [9, 48]]]", 1, "position"),
        ("[[[9, 47], [9, 97], [9, 48]]]", 1, "position"),
        ("[[1, 2]]", 1, "position 1"),
        ("5", 1, "coordinates 5"),
        ("[[[9, 47], [10, 47], [9, 48]]]", '"thick"', "property density 'thick'"),
        ("[[[9, 47], [10, 47], [9, 48]]]", 1e300, "property density 1e\\+300"),
    ],
)
def test_what_are_no_areas(tmp_path, coordinates, density, words):
    path = tmp_path / "areas.geojson.gz"
    text = (
        f'{{"type": "Feature", "properties": {{"density": {density}}}, '
        f'"geometry": {{"type": "Polygon", "coordinates": {coordinates}}}}}'
    )
    path.write_bytes(gzip.compress(text.encode()))
    with pytest.raises(InputError, match=words):
        load_spots(Density(file=str(path)), None, CENTRE, 3000.0)


def test_weighted_points_of_a_table(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("lat,lon,weight\n47.65,9.47,3\n47.655,9.475,1\n0,0,9\n")
    spots = load_spots(Density(file=str(path), scatter_m=50.0), None, CENTRE, 3000.0)
    assert spots.rows[:, 2:].tolist() == [[3.0, 50.0], [1.0, 50.0]]
    np.testing.assert_allclose(spots.rows[0, :2], 1500.0, atol=1e-6)
    assert spots == Spots(spots.rows)
    assert hash(spots) == hash(Spots(spots.rows.tolist()))
    path.write_text("lat,lon,weight\n47.65,9.47,many\n")
    with pytest.raises(InputError, match="line 2: column 'weight': 'many'"):
        load_spots(Density(file=str(path)), None, CENTRE, 3000.0)


def test_the_weekday_is_its_three_waves():
    shares = compute_weekday()
    waves = ((24.0, 89.83, 3.08), (12.0, 52.6, 2.08), (8.0, 16.68, 1.13))
    volume = [
        173.29 + sum(a * np.sin(2 * np.pi * (hour + 0.5) / t + p) for t, a, p in waves)
        for hour in range(24)
    ]
    np.testing.assert_allclose(shares, np.array(volume) / max(volume), rtol=1e-12)
    location = Location(
        profile="urban-weekday", start=datetime.fromisoformat("2024-10-07T19:00+02")
    )
    assert list_local_hours(location)[:6] == [19, 20, 21, 22, 23, 0]
    assert (read_shares(location) == shares[:, None]).all()


def test_a_profile_of_ones_own(tmp_path):
    path = tmp_path / "day.csv"
    path.write_text("hour,H,L,C\n" + "".join(f"{h},{h / 23},0.5,1\n" for h in range(24)))
    shares = read_shares(Location(profile_file=str(path)))
    np.testing.assert_allclose(shares[:, 0], np.arange(24) / 23)
    assert (shares[:, 1:] == [0.5, 1.0]).all()
    for text, words in (
        ("hour,share\n" + "".join(f"{h},1\n" for h in range(23)), "each of 0 to 23 once"),
        ("hour,share\n0,1.5\n", "column 'share': '1.5'"),
        ("hour,H\n0,1\n", "column 'l' is missing"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=words):
            read_shares(Location(profile_file=str(path)))


def test_the_beams_have_the_highest_satellites():
    from sagin.orbits.passes import satellites_in_view
    from sagin.orbits.site import Site

    orbit = CityOrbit(planes=36, per_plane=20, inclination_deg=53.0, handover="highest")
    start = datetime.fromisoformat("2024-10-07T00:00+00:00")
    sky = follow_satellites(orbit, 570.0, CENTRE, start, (3, 2, 600.0))
    elements = load_elements(orbit, 570.0, start)
    for time, moment in enumerate((start, datetime.fromisoformat("2024-10-07T00:10+00:00"))):
        view = satellites_in_view(elements, Site(*CENTRE), moment)[:3]
        assert [sky.names[number] for number in sky.satellite[:, time]] == [v.name for v in view]
        np.testing.assert_allclose(sky.range_km[:, time], [v.slant_range / 1e3 for v in view])
        np.testing.assert_allclose(sky.elevation_deg[:, time], [v.elevation_deg for v in view])
    # ten minutes later other satellites are the highest
    assert sky.count_handovers(0, 1) == 3
