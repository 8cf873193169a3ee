"""A virtual citizen card: a chip of ICAO Doc 9303-10, -11 and -12 from the card's side, for the demo and for tests.

It shares nothing with the reader in `kiosk.identify.chip_card`, so that a misreading of the standard shows.
"""
