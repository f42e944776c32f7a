"""Refusals: an exception with a status, rendered in one place (`market.web.failure`)."""


class MarketError(Exception):
    """Something the market refuses. `status` is the HTTP status, `code` a stable name for programs.

    The message is English and for logs and programs; people read the translated text of the code.
    """

    status = 500
    code = "error"

    def __init__(self, message: str = "", **details: object) -> None:
        super().__init__(message or self.code)
        self.details = details


class Said(ValueError):
    """A value that is not right, in words a person can be told: `message` marked for translation, `values` fill it."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


class SettingsError(MarketError):
    """A setting is wrong or missing; the start stops with this line."""

    code = "settings"


class BadRequest(MarketError):
    """The request itself is malformed; forms use `Invalid` instead."""

    status = 400
    code = "bad-request"


class Invalid(MarketError):
    """A form or record that cannot be taken; `details["fields"]` maps field names to messages."""

    status = 422
    code = "invalid"


class Forbidden(MarketError):
    status = 403
    code = "forbidden"


class NotFound(MarketError):
    """Does not exist, or is not yours to know of: both look the same."""

    status = 404
    code = "not-found"


class Gone(MarketError):
    """Was public once and is no longer."""

    status = 410
    code = "gone"


class ConfirmFirst(MarketError):
    """Only for somebody who has just proved again who they are; pages lead there and on to `details["next"]`.

    `details["by"]` is `passkey` where only that counts.
    """

    status = 403
    code = "confirm"


class Conflict(MarketError):
    """The lifecycle or a newer version forbids the change."""

    status = 409
    code = "conflict"


class TooMany(MarketError):
    """Asked for too often; `details["seconds"]` says how long to wait."""

    status = 429
    code = "too-many"


class Unavailable(MarketError):
    """A part of the marketplace, or somebody else's server it needs now, does not answer."""

    status = 503
    code = "unavailable"


class SignInFirst(MarketError):
    """Only for people who are signed in; pages lead to the sign-in and back."""

    status = 401
    code = "sign-in"
