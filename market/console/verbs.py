"""The journal's verbs in the words of the people who read it."""

from market.i18n import N_, Words

VERBS = {
    "accounts.changed": N_("Profile changed"),
    "accounts.created": N_("Firm entered"),
    "accounts.erased": N_("Person erased"),
    "accounts.invitation_withdrawn": N_("Invitation withdrawn"),
    "accounts.invited": N_("Colleague invited"),
    "accounts.joined": N_("Became a member"),
    "accounts.left": N_("Membership ended"),
    "accounts.operator_made": N_("Made operator"),
    "accounts.operator_unmade": N_("Operator no more"),
    "accounts.person_changed": N_("Person changed"),
    "accounts.person_created": N_("Person entered"),
    "accounts.provider_added": N_("Company sign-in added"),
    "accounts.provider_changed": N_("Company sign-in changed"),
    "accounts.provider_switched_off": N_("Company sign-in switched off"),
    "accounts.provider_switched_on": N_("Company sign-in switched on"),
    "accounts.reinstated": N_("Firm reinstated"),
    "accounts.roles_given": N_("Roles changed"),
    "accounts.signed_in": N_("Signed in"),
    "accounts.signed_out_by_provider": N_("Signed out by the company"),
    "accounts.signed_out_everywhere": N_("Signed out everywhere"),
    "accounts.suspended": N_("Firm suspended"),
    "accounts.verified": N_("Firm checked"),
    "certificates.added": N_("Certificate entered"),
    "certificates.changed": N_("Certificate changed"),
    "certificates.declined": N_("Certificate declined"),
    "certificates.replaced": N_("Certificate replaced by a newer one"),
    "certificates.uploaded": N_("Certificate handed in"),
    "certificates.verified": N_("Certificate checked"),
    "certificates.withdrawn": N_("Certificate withdrawn"),
    "accounts.behalf_begun": N_("Operator acts on behalf"),
    "accounts.behalf_ended": N_("Operator ended acting on behalf"),
    "accounts.claim_asked": N_("Take-over asked for"),
    "accounts.claim_declined": N_("Take-over declined"),
    "accounts.claim_granted": N_("Take-over granted"),
    "accounts.claim_withdrawn": N_("Take-over withdrawn"),
    "accounts.confirmation_asked": N_("Sent to the firm for confirmation"),
    "accounts.confirmed": N_("Confirmed by the firm"),
    "accounts.objected": N_("Objected to by the firm"),
    "files.kept": N_("File kept"),
    "files.removed": N_("File removed"),
    "mail.tried_again": N_("Letter sent again"),
    "moderation.asked": N_("Firm asked back"),
    "needs.changed": N_("Need changed"),
    "needs.created": N_("Need entered"),
    "offerings.changed": N_("Offering changed"),
    "offerings.created": N_("Offering entered"),
    "offerings.published": N_("Offering published"),
}


def said(w: Words, verb: str) -> str:
    """In words; the verb itself where we have none."""
    return w(VERBS[verb]) if verb in VERBS else verb
