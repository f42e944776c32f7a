"""Seats in dated sessions of a training: bookings, waiting lists, pledges, attendance."""
