"""Laws are tried as often as ever on a busy machine; only how long one try takes is no fault of theirs."""

from hypothesis import HealthCheck, settings

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
