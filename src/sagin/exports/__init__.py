"""Results as files for other programs: CSV, CZML, GeoJSON and KML."""
