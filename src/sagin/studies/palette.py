"""Colours of lines, users and nodes: the same on figures, maps, page and pictures."""

# Okabe and Ito's palette (2008), told apart with every common colour blindness; without yellow,
# which is faint on white
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#7F7F7F")
USER_COLOUR = "#404040"
"""Colour of users; markers distinguish their slices."""
