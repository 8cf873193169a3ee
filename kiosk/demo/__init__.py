CARDS = "cards"
"""Folder of the demo's chip cards, within its data."""
