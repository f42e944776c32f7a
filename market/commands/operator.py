"""`market operator add EMAIL`: who runs this marketplace; they sign in with a link to this address."""

import argparse

from market.accounts import people
from market.config import Settings
from market.db import connect, sessions
from market.errors import Invalid
from market.mail.letters import postable
from market.values import utc_now
from market.viewer import OPERATOR

ACTIONS = {"add": "make this person an operator", "remove": "take the right away", "list": "name all"}


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text in ACTIONS.items():
        sub = actions.add_parser(action, help=text, description=text[0].upper() + text[1:] + ".")
        if action != "list":
            sub.add_argument("email", help="address the sign-in links go to")
        if action == "add":
            sub.add_argument("--name", default="", help="as colleagues see it")


def run(settings: Settings, given: argparse.Namespace) -> int:
    engine = connect(settings.database_url)
    try:
        with sessions(engine).begin() as session:
            if given.action == "list":
                for person in people.operators(session):
                    print(f"{person.email}\t{person.name}")
                return 0
            if postable(given.email) is None:
                raise Invalid(f"{given.email} is no e-mail address.")
            if given.action == "add":
                people.make_operator(session, OPERATOR, given.email, given.name, utc_now())
                print(f"{given.email} signs in at {settings.base_url}/sign-in")
            else:
                people.unmake_operator(session, OPERATOR, given.email, utc_now())
                print(f"{given.email} is no operator any more")
    finally:
        engine.dispose()
    return 0
