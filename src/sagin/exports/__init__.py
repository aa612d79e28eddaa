"""Results as files that other programs open: CSV, CZML, GeoJSON and KML."""
