"""Reading the citizen card's chip (ICAO Doc 9303 parts 10 to 12): protocol only, over the port `CardConnection`."""
