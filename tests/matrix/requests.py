"""How each route is asked: what stands in its address, and the form of a write."""

from typing import Any

PARTS: dict[str, dict[str, str]] = {
    "matching:offerings": {"ref": "need"},
    "matching:needs": {"ref": "offering"},
    "movements:slot": {"ref": "slot"},
    "movements:show": {"ref": "movement"},
    "movements:move": {"ref": "movement", "move": "=confirm"},
    "offerings:show": {"ref": "offering", "slug": "offering_slug"},
    "offerings:short": {"ref": "offering"},
    "providers:statement": {"ref": "organisation"},
    "providers:show": {"ref": "organisation", "slug": "slug"},
    "providers:short": {"ref": "organisation"},
    "needs:show": {"ref": "need", "slug": "need_slug"},
    "needs:short": {"ref": "need"},
    "accounts:open_link": {"token": "link_token"},
    "accounts:use_link": {"token": "link_token"},
    "oidc:start": {"key": "=nobody"},
    "oidc:callback": {"ref": "provider"},
    "oidc:backchannel": {"ref": "provider"},
    "team:change": {"ref": "member"},
    "team:remove": {"ref": "member"},
    "team:withdraw": {"ref": "invitation"},
    "team:invitation": {"token": "invitation_token"},
    "team:accept": {"token": "invitation_token"},
    "passkeys:rename": {"ref": "passkey"},
    "passkeys:remove": {"ref": "passkey"},
    "account:end_browser": {"number": "browser"},
    **{f"intake:{verb}": {"ref": "import"} for verb in ("show", "choose", "confirm", "drop")},
    "attachments": {"ref": "offering"},
    "attachments:add": {"ref": "offering"},
    "attachments:change": {"ref": "offering", "number": "attachment"},
    "agreements:decide": {"ref": "acceptance"},
    "agreements:read": {"ref": "offering"},
    "agreements:accept": {"ref": "offering"},
    "intake:faults": {"ref": "import", "form": "=csv"},
    "intake:template": {"kind": "=service", "form": "=csv"},
    "files:show": {"ref": "file", "name": "=a.pdf"},
    **{f"certificates:{verb}": {"ref": "certificate"} for verb in ("show", "edit", "replace", "withdraw")},
    **{f"operator:{verb}": {"ref": "waiting"} for verb in ("certificate", "verify", "decline")},
    **{f"operator:{verb}": {"ref": "unchecked"} for verb in ("firm", "verify_firm", "ask_firm")},
    "operator:report_decide": {"ref": "report"},
    "enquiries:release": {"ref": "report"},
    "operator:report_lift": {"ref": "blocked"},
    "samples:new": {"ref": "lab"},
    **{f"samples:{verb}": {"ref": "order"} for verb in ("show", "receive", "begin", "report", "cancel")},
    "deliveries:new": {"ref": "stream"},
    **{f"deliveries:{verb}": {"ref": "delivery"} for verb in ("show", "agree", "deliver", "cancel")},
    **{f"permits:{verb}": {"ref": "permit"} for verb in ("edit", "withdraw")},
    **{f"operator:permit_{verb}": {"ref": "waiting_permit"} for verb in ("verify", "decline")},
    **{f"publishing:{verb}": {"ref": "draft"} for verb in ("show", "publish", "copy", "archive")},
    **{f"publishing:{verb}": {"ref": "offering"} for verb in ("done", "confirm", "availability")},
    "publishing:part": {"ref": "draft", "part": "=what"},
    **{f"operator:{verb}": {"ref": "handed_in"} for verb in ("offering", "accept_offering", "return_offering")},
    "still_true": {"token": "still_true"},
    "still_true:confirm": {"token": "still_true"},
    "dev:letter": {"ref": "letter"},
    "legal": {"page": "=imprint"},
    "sitemap:part": {"name": "=pages"},
    "api:search": {"tab": "=offerings"},
    "api:nothing": {"rest": "=nothing"},
    "operator:journal_export": {"form": "=csv"},
    "operator:organisation": {"ref": "organisation"},
    "operator:suspend": {"ref": "organisation"},
    "operator:reinstate": {"ref": "organisation"},
    "operator:act": {"ref": "organisation"},
    "operator:ask_confirmation": {"ref": "organisation"},
    "operator:give_roles": {"ref": "organisation", "member_ref": "member"},
    "operator:end_member": {"ref": "organisation", "member_ref": "member"},
    "operator:end_sessions": {"ref": "organisation", "member_ref": "member"},
    "operator:claim_grant": {"ref": "claim"},
    "operator:claim_decline": {"ref": "claim"},
    "operator:retry_letter": {"ref": "letter"},
    "bookings:wish": {"ref": "training"},
    **{f"bookings:{verb}": {"ref": "session"} for verb in ("session_calendar", "book", "pledge")},
    **{f"bookings:{verb}": {"ref": "booking"} for verb in ("show", "name", "cancel")},
    "bookings:take": {"ref": "booking", "person": "participant"},
    "bookings:withdraw": {"ref": "pledge"},
    **{f"sessions:{verb}": {"ref": "session"} for verb in ("show", "guarantee", "cancel", "mark", "certify")},
    **{f"sessions:{verb}": {"ref": "session", "booking": "booking"} for verb in ("confirm", "decline")},
    "confirm": {"token": "=unknown"},
    "claim": {"ref": "organisation"},
    "enquiries:show": {"ref": "enquiry"},
    **{f"enquiries:{verb}": {"ref": "thread"} for verb in ("thread", "write", "close", "report")},
    **{name: {"token": "answer_token"} for name in ("answer", "answer:reply", "answer:report")},
    **{f"shortlists:{verb}": {"ref": "shortlist"} for verb in ("show", "compare", "rename", "remove")},
    **{f"shortlists:{verb}": {"ref": "shortlist", "kind": "=csv"} for verb in ("export", "compare_export")},
    **{f"shortlists:{verb}": {"ref": "shortlist", "item": "item"} for verb in ("note", "take_off", "put_back", "move")},
}
"""Place in the address -> thing of the world; `=text` stands for itself."""
PROVIDERS = "operator:provider"

FORMS: dict[str, dict[str, Any]] = {
    "attachments:add": {"kind": "picture", "text": "Die Halle"},
    "attachments:change": {"text": "Ein Plan", "do": "save"},
    "agreements:write": {"text": "Wer diese Unterlagen öffnet, gibt sie nicht weiter."},
    "agreements:accept": {"version": "1"},
    "accounts:ask_link": {"email": "somebody@cast.example"},
    "accounts:enter_code": {"code": "AAAA-AAAA"},
    "accounts:register": {
        "firm": "Neue GmbH",
        "trade": "Gerüstbau",
        "place": "03172 Guben",
        "name": "Nele Neu",
        "email": "nele@cast.example",
    },
    "team:invite": {"email": "noch@cast.example", "roles": ["reader"]},
    "team:change": {"roles": ["reader"]},
    "certificates:new": {"type": "iso-9001"},
    "certificates:edit": {"type": "iso-9001"},
    "certificates:replace": {"type": "iso-9001"},
    "operator:decline": {"reason": "unreadable"},
    "samples:cancel": {"reason": "Aus gutem Grund"},
    "deliveries:cancel": {"reason": "Aus gutem Grund"},
    "operator:report_decide": {"verdict": "warned"},
    "operator:permit_decline": {"reason": "Aus gutem Grund"},
    "operator:verify_firm": {"source": "Handelsregister"},
    "operator:ask_firm": {"question": "register"},
    "passkeys:rename": {"name": "Anderer Name"},
    "account:change": {"name": "Anderer Name", "language": "pl"},
    "profile:change": {"name": "Eigene GmbH", "place": "03172 Guben"},
    "operator:suspend": {"reason": "Aus gutem Grund"},
    "operator:reinstate": {"reason": "Aus gutem Grund"},
    "operator:give_roles": {"roles": ["reader"]},
    "operator:claim_decline": {"reason": "Aus gutem Grund"},
    "confirm": {"name": "Nele Neu", "answer": "yes"},
    "claim": {"email": "nele@cast.example", "name": "Nele Neu"},
    "bookings:book": {"seats": "1"},
    "bookings:pledge": {"seats": "1"},
    "bookings:wish": {"seats": "1", "month": "2099-05"},
    "bookings:name": {"names": "Ada Probe"},
    "me:act_for": {"organisation": "organisation"},
    "enquiries:send": {"what": "Zwölf Rohrbogen biegen", "contact": "Ada Probe"},
    "enquiries:write": {"text": "Ja, gern"},
    "enquiries:report": {"report": "advertising"},
    "answer:reply": {"text": "Ja, gern"},
    "answer:report": {"report": "advertising"},
    "shortlists:create": {"name": "Neue Liste"},
    "shortlists:rename": {"name": "Anders"},
    "shortlists:note": {"note": "Gut"},
    "shortlists:drop": {"item": "oabcdefghjk"},
    "publishing:new": {"title": "Gerüste stellen", "kind": "service"},
    "publishing:part": {"title": "Gerüste stellen", "kind": "service"},
    "operator:return_offering": {"reason": "unclear"},
    "operator:moderation": {"when": "before"},
    "movements:slot": {
        "wagons": "10",
        "length_m": "171,4",
        "gross_mass_t": "600",
        "origin": "Ziltendorf",
        "destination": "Guben",
    },
}


def path_of(name: str, pattern: str, refs: dict[str, Any]) -> str:
    parts = PARTS.get(name, {"ref": "provider"} if name.startswith(PROVIDERS) else {})
    for place, thing in parts.items():
        value = thing[1:] if thing.startswith("=") else str(refs[thing])
        for form in (f"{{{place}}}", f"{{{place}:int}}", f"{{{place}:str}}", f"{{{place}:path}}"):
            pattern = pattern.replace(form, value)
    return pattern


def form_of(name: str, refs: dict[str, Any]) -> dict[str, Any]:
    form = dict(FORMS.get(name, {}))
    if name == "me:act_for":
        form["organisation"] = refs["organisation"]
    if name == "enquiries:send":
        form["item"] = f"p{refs['organisation']}"
    if name == "shortlists:keep":
        form["item"] = f"o{refs['offering']}"
    if name == "shortlists:move":
        form["list"] = refs["shortlist"]
    if name in ("operator:verify", "operator:decline"):
        form["seen"] = refs["seen"]
    return form
