"""Letters about bookings and pledges, to both sides, each reader in the own language. They never name a participant."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.i18n import N_, Words, words
from market.mail import letters
from market.mail.letters import postable
from market.offerings.models import Offering
from market.offerings.sessions import CourseSession


@dataclass(frozen=True)
class Text:
    """Subject, what happened, and the words on the button."""

    subject: str
    said: str
    button: str = N_("See the booking")


FIRM: Final[dict[str, Text]] = {
    "reserved": Text(
        N_("Seats reserved: %(title)s"),
        N_("The seats are kept for you until %(until)s. By then %(provider)s confirms the booking; you get a letter."),
    ),
    "waiting": Text(
        N_("On the waiting list: %(title)s"),
        N_(
            "The date is full at present. You stand on place %(place)s of the waiting list; we write as soon as "
            "it is your turn."
        ),
    ),
    "moved_up": Text(
        N_("You moved up from the waiting list: %(title)s"),
        N_(
            "Seats have become free and are reserved for you until %(until)s. By then %(provider)s confirms the "
            "booking."
        ),
    ),
    "confirmed": Text(
        N_("Booking confirmed: %(title)s"),
        N_("%(provider)s has confirmed your seats. Cancelling is possible until %(last_cancel)s."),
    ),
    "declined": Text(
        N_("Booking cancelled by the provider: %(title)s"),
        N_("%(provider)s cannot give you these seats and has cancelled the booking. You owe nothing for it."),
    ),
    "hold_over": Text(
        N_("Reservation has run out: %(title)s"),
        N_(
            "%(provider)s has not confirmed the booking in time, so the reservation has ended. Please call or "
            "book again."
        ),
    ),
    "began": Text(
        N_("The waiting list is closed: %(title)s"),
        N_("No seat has become free before the course began. Other dates stand on the page of the course."),
    ),
    "session_cancelled": Text(
        N_("Date cancelled: %(title)s"),
        N_(
            "%(provider)s has cancelled this date; your booking or pledge has ended with it and costs nothing. "
            "Other dates stand on the page of the course."
        ),
    ),
    "sure": Text(
        N_("The course takes place: %(title)s"),
        N_(
            "Enough seats are pledged: the date takes place for sure. Your pledge has become a reservation, kept "
            "until %(until)s; by then %(provider)s confirms it."
        ),
    ),
    "sure_waiting": Text(
        N_("The course takes place: %(title)s"),
        N_(
            "The date takes place for sure, but more seats were pledged than there are. You stand on place "
            "%(place)s of the waiting list."
        ),
    ),
    "lapsed": Text(
        N_("Your pledge has ended: %(title)s"),
        N_(
            "Too few seats were pledged until the day of decision. Your pledge has ended and costs nothing. Other"
            " dates stand on the page of the course."
        ),
        N_("See other dates"),
    ),
    "dated": Text(
        N_("There is a date now: %(title)s"),
        N_(
            "You pledged seats without a date. %(provider)s has set one in the month you wanted; your pledge "
            "counts for it. You can withdraw it until the course is certain."
        ),
    ),
    "certified": Text(
        N_("Certificates are ready: %(title)s"),
        N_(
            "%(provider)s has issued certificates to participants of your firm. Take them into your wallet; only "
            "your firm sees them there."
        ),
    ),
}
PROVIDER: Final[dict[str, Text]] = {
    "asked": Text(
        N_("New booking: %(title)s"),
        N_(
            "%(firm)s has booked seats. They are kept until %(until)s: please confirm by then, or they become "
            "free again."
        ),
        N_("Confirm the booking"),
    ),
    "queued": Text(
        N_("New entry on the waiting list: %(title)s"),
        N_("%(firm)s stands on the waiting list. When seats become free it moves up by itself."),
        N_("See the session"),
    ),
    "moved_up": Text(
        N_("Moved up from the waiting list: %(title)s"),
        N_("%(firm)s has moved up. The seats are kept until %(until)s: please confirm by then."),
        N_("Confirm the booking"),
    ),
    "cancelled": Text(
        N_("Booking cancelled: %(title)s"),
        N_("%(firm)s has cancelled its booking. The seats are free again; who waits moves up by itself."),
        N_("See the session"),
    ),
    "hold_over": Text(
        N_("Reservation has run out: %(title)s"),
        N_("The booking of %(firm)s was not confirmed in time. The seats are free again."),
        N_("See the session"),
    ),
    "pledged": Text(
        N_("New pledge: %(title)s"),
        N_("%(firm)s has pledged seats. As soon as enough are pledged we tell you and the firms."),
        N_("See the session"),
    ),
    "wished": Text(
        N_("Wanted without a date: %(title)s"),
        N_("%(firm)s wants seats in %(month)s. Set a date in that month and the pledge counts for it."),
        N_("See what is wanted"),
    ),
    "undecided": Text(
        N_("Day of decision: %(title)s"),
        N_(
            "Fewer than %(least)s seats are taken, and pledges have ended today. Guarantee that the date takes place, "
            "or cancel it: then those who booked get a letter."
        ),
        N_("See the session"),
    ),
    "sure": Text(
        N_("The course takes place: %(title)s"),
        N_(
            "The minimum of %(least)s seats is reached. The pledges have become reservations: please confirm them"
            " by %(until)s."
        ),
        N_("Confirm the bookings"),
    ),
}


@dataclass(frozen=True)
class Matter:
    """What a letter is about, and the page it leads to."""

    offering: Offering
    row: CourseSession | None
    seats: int
    path: str


@dataclass(frozen=True)
class Desk:
    """Where letters are written: the transaction, the moment, and how links begin."""

    session: Session
    now: datetime
    base_url: str

    def to_firm(
        self, event: str, organisation: Organisation, person_id: int | None, matter: Matter, **values: object
    ) -> None:
        """To whoever booked and those who keep the firm's pages."""
        booker = self.session.get(Person, person_id) if person_id else None
        readers = people.readers(self.session, organisation)
        if (
            booker is not None
            and postable(booker.email)
            and booker.id not in {r.person.id for r in readers if r.person}
        ):
            readers.insert(0, people.Reader.of(booker))
        self._write(FIRM[event], organisation, readers, matter, values)

    def to_provider(self, event: str, matter: Matter, **values: object) -> None:
        """To those who keep the pages of the firm that runs the course."""
        provider = matter.offering.organisation
        self._write(PROVIDER[event], provider, people.readers(self.session, provider), matter, values)

    def _write(
        self, text: Text, to: Organisation, readers: list[people.Reader], matter: Matter, values: dict[str, object]
    ) -> None:
        offering = matter.offering
        for reader in readers:
            w = words(reader.language)
            title = w.in_language(offering.text_in("title"), offering.lang)[0]
            known = {name: _said(w, name, value) for name, value in values.items()}
            known |= {"title": title, "provider": offering.organisation.name}
            letters.write(
                self.session,
                self.now,
                reader.email,
                w.language,
                "bookings/news",
                subject_line=w(text.subject) % known,
                said=w(text.said) % known,
                button=w(text.button),
                facts=_facts(w, title, matter),
                firm=to.name,
                link=self.base_url + reader.path(to, matter.path),
                member=reader.person is not None,
            )


def _said(w: Words, name: str, value: object) -> object:
    if isinstance(value, datetime):
        return w.moment(value)
    if isinstance(value, date):
        return w.day(value, "month" if name == "month" else "long")
    return value


def _facts(w: Words, title: str, matter: Matter) -> list[tuple[str, object]]:
    provider = matter.offering.organisation.name
    facts: list[tuple[str, object]] = [(w(N_("Course")), title), (w(N_("Provider")), provider)]
    if matter.row is not None:
        facts += [(w(N_("Date")), dates(w, matter.row)), (w(N_("Venue")), matter.row.venue)]
    return [*facts, (w(N_("Seats")), matter.seats)]


def dates(w: Words, row: CourseSession) -> str:
    """`7 December 2026`, `7 December 2026 to 11 December 2026`."""
    first = w.day(row.starts_on, "long")
    return (
        first
        if row.starts_on == row.ends_on
        else w(N_("%(first)s to %(last)s"), first=first, last=w.day(row.ends_on, "long"))
    )
