"""Trains and wagons to be handled: requests for the slots of rail offerings, checked against what the track bears."""
